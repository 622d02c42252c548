import { rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { type Env, toAppError } from '#server/platform/core/index.ts'
import {
  ALWAYS_HELD,
  ImageUpdateFailed,
  RuntimeFailed,
  RuntimeUnreachable,
  type ImageUpdate,
  type RuntimeAgent,
  type RuntimeDriver,
  type RuntimeLogLine,
  type RuntimeRef,
  type RuntimeStatus,
  spellingsOf,
} from '../interface/index.ts'
import {
  gatewayArguments,
  gatewayConfig,
  gatewayEnv,
  type GatewayPlace,
  askGateway,
  isGatewayReady,
  lastLines,
  waitUntilReady,
  countConfirmed,
  workspaceFiles,
} from '../openclaw/index.ts'
import { backUp, foldersOf, forget, listAgentFolders, makeFolders, replaceFile, restore, syncWorkspace } from './agent-files.ts'
import { GatewayProcess, killLeftOver } from './gateway-process.ts'
import { findOpenClaw } from './installation.ts'
import { measureGroup, NOTHING_MEASURED } from './measure.ts'
import { holdPort, type HeldPort } from './ports.ts'

type Settings = Pick<
  Env,
  'APP_URL' | 'DATA_DIR' | 'OPENCLAW_DIR' | 'PORT' | 'RUNTIME_IMAGE' | 'RUNTIME_MODELS_URL' | 'RUNTIME_START_SECONDS'
>

type ExitListener = (agent: RuntimeRef, reason: string) => void

/**
 * Agents as processes beside this server: an OpenClaw gateway each, with folders of its own in `DATA_DIR`.
 * Nothing but the system's own rules keeps them apart, so their models get no tools that run commands.
 *
 * @throws InvalidConfiguration when OpenClaw is not installed.
 */
export function createProcesses(env: Settings): RuntimeDriver {
  return new Processes(env)
}

class Processes implements RuntimeDriver {
  readonly name = 'process'
  readonly inProcess = false
  readonly endsWithServer = true
  readonly usesModelsOfServer = true
  readonly defaultImage: string
  readonly version: string
  readonly #env: Settings
  readonly #program: string
  readonly #installedImage: string
  readonly #gateways = new Map<string, GatewayProcess>()
  /** What each agent wrote since this server started; it outlives the process that wrote it. */
  readonly #lines = new Map<string, RuntimeLogLine[]>()
  readonly #listeners: ExitListener[] = []

  constructor(env: Settings) {
    const { program, version, image } = findOpenClaw(env)
    this.#env = env
    this.#program = program
    this.#installedImage = image
    this.version = version
    this.defaultImage = env.RUNTIME_IMAGE ?? image
  }

  async create(agent: RuntimeAgent): Promise<void> {
    await this.#prepare(agent, this.#gateways.get(agent.id)?.port ?? 0)
  }

  async start(agent: RuntimeAgent): Promise<void> {
    const present = this.#running(agent)
    if (present && (await isGatewayReady(present.url))) return
    await this.stop(agent)
    const port = await holdPort()
    try {
      const gateway = await this.#launch(agent, port)
      await waitUntilReady(() => look(gateway), this.#env.RUNTIME_START_SECONDS * 1000)
    } catch (error) {
      await this.letGo(agent)
      await port.release()
      throw error
    }
  }

  async stop(agent: RuntimeRef): Promise<void> {
    await this.letGo(agent)
    await killLeftOver(foldersOf(this.#env.DATA_DIR, agent).processFile)
  }

  async letGo({ id }: RuntimeRef): Promise<void> {
    await this.#gateways.get(id)?.stop()
    this.#gateways.delete(id)
  }

  async updateImage(agent: RuntimeAgent, image: string, checkHeld = ALWAYS_HELD): Promise<ImageUpdate> {
    const folders = foldersOf(this.#env.DATA_DIR, agent)
    await this.stop(agent)
    const backupPath = await backUp(folders, new Date())
    try {
      await this.start({ ...agent, image })
      return { image, previousImage: agent.image, backupPath }
    } catch (error) {
      await checkHeld()
      await restore(folders, backupPath)
      await this.start(agent)
      throw new ImageUpdateFailed(image, agent.image, toAppError(error).message, { cause: error })
    }
  }

  async repair(agent: RuntimeAgent): Promise<void> {
    await this.stop(agent)
    // The gateway keeps notes of its own beside its configuration.
    await rm(foldersOf(this.#env.DATA_DIR, agent).home, { recursive: true, force: true })
    await this.start(agent)
  }

  async resetMemory(agent: RuntimeRef): Promise<void> {
    await forget(foldersOf(this.#env.DATA_DIR, agent))
  }

  async remove(agent: RuntimeRef): Promise<void> {
    await this.stop(agent)
    const { root, backups } = foldersOf(this.#env.DATA_DIR, agent)
    for (const folder of [root, backups]) await rm(folder, { recursive: true, force: true, maxRetries: 3 })
    this.#lines.delete(agent.id)
  }

  async status(agent: RuntimeRef): Promise<RuntimeStatus> {
    const gateway = this.#gateways.get(agent.id)
    const reason = gateway?.ending ?? null
    if (!gateway || reason !== null) return { state: 'stopped', reason, startedAt: null, image: null, version: null }
    const about = { startedAt: gateway.startedAt, image: gateway.image, version: this.version }
    if (await isGatewayReady(gateway.url)) return { state: 'running', reason: null, ...about }
    return { state: 'degraded', reason: 'Its gateway does not take messages.', ...about }
  }

  async stats(agent: RuntimeRef) {
    const pid = this.#running(agent)?.pid
    return pid === undefined ? NOTHING_MEASURED : measureGroup(pid)
  }

  async logs({ id }: RuntimeRef, options: { since?: string; limit: number }): Promise<RuntimeLogLine[]> {
    return lastLines(this.#lines.get(id) ?? [], options)
  }

  async sync(agent: RuntimeAgent, workspace: Parameters<RuntimeDriver['sync']>[1]) {
    const paths = await syncWorkspace(foldersOf(this.#env.DATA_DIR, agent), workspaceFiles(agent, workspace))
    return countConfirmed(workspace, paths)
  }

  async *send(agent: RuntimeAgent, turn: Parameters<RuntimeDriver['send']>[1], signal: AbortSignal) {
    signal.throwIfAborted()
    const gateway = this.#running(agent)
    if (!gateway) throw new RuntimeUnreachable('The agent does not run.')
    yield* askGateway(gateway.url, agent, turn, signal)
  }

  async address(agent: RuntimeRef): Promise<string | null> {
    const url = this.#running(agent)?.url
    return url !== undefined && (await isGatewayReady(url)) ? url : null
  }

  onExit(listener: ExitListener): void {
    this.#listeners.push(listener)
  }

  async endLeftOvers(): Promise<void> {
    for (const id of await listAgentFolders(this.#env.DATA_DIR)) await killLeftOver(foldersOf(this.#env.DATA_DIR, { id }).processFile)
  }

  isAvailable(): Promise<boolean> {
    return Promise.resolve(true)
  }

  async close(): Promise<void> {
    await Promise.all([...this.#gateways.keys()].map((id) => this.stop({ id, accountId: '' })))
  }

  #running({ id }: Pick<RuntimeRef, 'id'>): GatewayProcess | undefined {
    const gateway = this.#gateways.get(id)
    return gateway?.ending === undefined ? gateway : undefined
  }

  async #prepare(agent: RuntimeAgent, port: number): Promise<GatewayPlace> {
    const folders = foldersOf(this.#env.DATA_DIR, agent)
    const place: GatewayPlace = {
      home: folders.home,
      stateDir: folders.state,
      workspace: folders.workspace,
      configPath: folders.config,
      port,
      bind: 'loopback',
      modelsUrl: this.#env.RUNTIME_MODELS_URL ?? this.#ownModelsUrl(),
      tools: 'minimal',
    }
    await makeFolders(folders)
    await replaceFile(folders.config, JSON.stringify(gatewayConfig(agent, place)))
    return place
  }

  #ownModelsUrl(): string {
    // With PORT=0 only the public address knows the port.
    return this.#env.PORT === 0 ? `${this.#env.APP_URL}/v1` : `http://127.0.0.1:${this.#env.PORT}/v1`
  }

  /** @throws RuntimeFailed for an image that is not the one installed here. */
  async #launch(agent: RuntimeAgent, port: HeldPort): Promise<GatewayProcess> {
    if (agent.image !== this.#installedImage)
      throw new RuntimeFailed(`"${agent.image}" is not installed here, only "${this.#installedImage}".`)
    const place = await this.#prepare(agent, port.port)
    const lines = this.#lines.get(agent.id) ?? []
    this.#lines.set(agent.id, lines)
    const gateway = GatewayProcess.launch(
      {
        program: this.#program,
        args: gatewayArguments(place),
        env: gatewayEnv(agent, place),
        cwd: place.workspace,
        port,
        image: agent.image,
        processFile: foldersOf(this.#env.DATA_DIR, agent).processFile,
        secrets: [agent.token],
        folders: spellingsOf([foldersOf(this.#env.DATA_DIR, agent).root, this.#env.DATA_DIR, dirname(this.#program), process.cwd()]),
      },
      lines,
    )
    this.#gateways.set(agent.id, gateway)
    void gateway.ended.then(() => this.#noteEnd(agent, gateway))
    return gateway
  }

  #noteEnd({ id, accountId }: RuntimeRef, gateway: GatewayProcess): void {
    if (gateway.isStopping) return
    for (const listener of this.#listeners) listener({ id, accountId }, gateway.ending ?? 'It ended.')
  }
}

/** @throws RuntimeFailed when the gateway ended. */
async function look(gateway: GatewayProcess): Promise<'ready' | 'waiting'> {
  if (gateway.ending !== undefined) throw new RuntimeFailed(`It did not become ready. ${gateway.ending}`)
  return (await isGatewayReady(gateway.url)) ? 'ready' : 'waiting'
}
