import { rm } from 'node:fs/promises'
import { type Env, toAppError } from '#server/platform/core/index.ts'
import {
  ALWAYS_HELD,
  ImageUpdateFailed,
  RuntimeFailed,
  RuntimeUnreachable,
  type CheckHeld,
  type ImageUpdate,
  type RuntimeAgent,
  type RuntimeDriver,
  type RuntimeRef,
} from '../interface/index.ts'
import {
  forgetScript,
  INCOMING,
  syncScript,
  AGENT_ROOT,
  containerFacts,
  askGateway,
  isGatewayReady,
  lastLines,
  toLogLine,
  waitUntilReady,
  countConfirmed,
  workspaceFiles,
} from '../openclaw/index.ts'
import { publishedPort } from './container-options.ts'
import { fetchImage, gatewayUrl, inspectGateway, prepare, removeContainers, removeEverything, stopGateway } from './containers.ts'
import { ask, askUnless, connectEngine } from './engine.ts'
import { followExits } from './exits.ts'
import { nothingToMeasure, sayWhyEnded, toStats } from './measure.ts'
import { splitOutput } from './output.ts'
import { backUp, backupFolder, restore, runScript, writeFile } from './volume.ts'

type Settings = Pick<Env, 'DOCKER_HOST' | 'RUNTIME_IMAGE' | 'RUNTIME_MODELS_URL' | 'RUNTIME_START_SECONDS' | 'DATA_DIR' | 'PORT'>

/**
 * Agents as containers of one Docker engine, on the machine of this server: an OpenClaw gateway each,
 * confined, with a volume and a network of its own. What an agent has is found by labels, so a server
 * that was restarted finds it all.
 */
export function createDocker(env: Settings): RuntimeDriver {
  const engine = connectEngine(env.DOCKER_HOST)
  const modelsUrl = env.RUNTIME_MODELS_URL ?? `http://host.docker.internal:${env.PORT}/v1`
  const startMs = env.RUNTIME_START_SECONDS * 1000
  const closing = new AbortController()

  async function start(agent: RuntimeAgent, checkHeld = ALWAYS_HELD): Promise<void> {
    await prepare(engine, agent, modelsUrl)
    const info = await inspectGateway(engine, agent)
    if (!info) throw new RuntimeFailed('The container of the agent is gone.')
    try {
      // 304: it runs.
      await askUnless([304], engine.getContainer(info.Id).start())
      await waitUntilReady(() => look(agent), startMs)
    } catch (error) {
      await checkHeld()
      await askUnless([304, 404], engine.getContainer(info.Id).kill()).catch(() => undefined)
      throw error
    }
  }

  /** @throws RuntimeFailed when it ended */
  async function look(agent: RuntimeRef): Promise<'ready' | 'waiting'> {
    const info = await inspectGateway(engine, agent)
    if (!info?.State.Running) throw new RuntimeFailed((info && sayWhyEnded(info)) ?? 'It ended before it was ready.')
    return (await isGatewayReady(`http://127.0.0.1:${publishedPort(info.NetworkSettings.Ports)}`)) ? 'ready' : 'waiting'
  }

  async function rebuild(agent: RuntimeAgent, checkHeld: CheckHeld): Promise<void> {
    await checkHeld()
    await stopGateway(engine, agent)
    await removeContainers(engine, agent)
    await start(agent, checkHeld)
  }

  /**
   * The container it has comes first: it keeps its address and is there at once. It is given up when it cannot be
   * started as it is, or is not what the stored configuration asks for.
   */
  async function repair(agent: RuntimeAgent, checkHeld = ALWAYS_HELD): Promise<void> {
    await stopGateway(engine, agent)
    try {
      await start(agent, checkHeld)
    } catch (error) {
      if (error instanceof RuntimeUnreachable) throw error
      await rebuild(agent, checkHeld)
    }
  }

  async function updateImage(agent: RuntimeAgent, image: string, checkHeld = ALWAYS_HELD): Promise<ImageUpdate> {
    const previousImage = (await inspectGateway(engine, agent))?.Config.Image ?? agent.image
    const previous = { ...agent, image: previousImage }
    try {
      await fetchImage(engine, image)
    } catch (error) {
      await start(previous, checkHeld)
      throw new ImageUpdateFailed(image, previousImage, toAppError(error).message, { cause: error })
    }
    await checkHeld()
    await stopGateway(engine, agent)
    await prepare(engine, previous, modelsUrl)
    const backupPath = await backUp(engine, agent, env.DATA_DIR)
    try {
      await rebuild({ ...agent, image }, checkHeld)
    } catch (error) {
      await checkHeld()
      await removeContainers(engine, agent)
      await prepare(engine, previous, modelsUrl)
      await restore(engine, agent, previousImage, backupPath)
      await start(previous, checkHeld)
      throw new ImageUpdateFailed(image, previousImage, toAppError(error).message, { cause: error })
    }
    return { image, previousImage, backupPath }
  }

  return {
    ...containerFacts('docker', env),
    create: (agent) => prepare(engine, agent, modelsUrl),
    start,
    stop: (agent) => stopGateway(engine, agent),
    updateImage,
    repair,

    async resetMemory(agent) {
      const info = await inspectGateway(engine, agent)
      if (info) await runScript(engine, agent, info.Config.Image, forgetScript)
    },

    async remove(agent) {
      await stopGateway(engine, agent)
      await removeEverything(engine, agent)
      await rm(backupFolder(env.DATA_DIR, agent), { recursive: true, force: true })
    },

    async status(agent) {
      const info = await inspectGateway(engine, agent)
      if (!info) return { state: 'stopped', reason: null, startedAt: null, image: null, version: null }
      const { State: state, Config } = info
      const about = { image: Config.Image, version: Config.Labels['org.opencontainers.image.version'] ?? null }
      if (!state.Running) return { state: 'stopped', reason: sayWhyEnded(info), startedAt: null, ...about }
      const startedAt = new Date(state.StartedAt).toISOString()
      if (state.Paused) return { state: 'degraded', reason: 'It is paused.', startedAt, ...about }
      if (await isGatewayReady(`http://127.0.0.1:${publishedPort(info.NetworkSettings.Ports)}`))
        return { state: 'running', reason: null, startedAt, ...about }
      const isStarting = Date.now() - Date.parse(startedAt) < startMs
      return isStarting
        ? { state: 'starting', reason: 'It is not ready yet.', startedAt, ...about }
        : { state: 'degraded', reason: 'Its gateway does not answer.', startedAt, ...about }
    },

    async stats(agent) {
      const info = await inspectGateway(engine, agent)
      if (!info?.State.Running) return nothingToMeasure
      const reading = await askUnless([404], engine.getContainer(info.Id).stats({ stream: false }))
      return reading ? toStats(reading) : nothingToMeasure
    },

    async logs(agent, { since, limit }) {
      const info = await inspectGateway(engine, agent)
      if (!info) return []
      const from = since === undefined ? {} : { since: Date.parse(since) / 1000 }
      const output = await ask(engine.getContainer(info.Id).logs({ stdout: true, stderr: true, timestamps: true, tail: limit, ...from }))
      const secrets = info.Config.Env.flatMap((entry) => /^OPENCLAW_GATEWAY_TOKEN=(.+)$/.exec(entry)?.[1] ?? [])
      const lines = splitOutput(output).map(({ text, isError }) => {
        const space = text.indexOf(' ')
        return toLogLine(text.slice(0, space), text.slice(space + 1), isError, { secrets })
      })
      return lastLines(lines, { since, limit })
    },

    async sync(agent, workspace) {
      const files = workspaceFiles(agent, workspace)
      const info = await inspectGateway(engine, agent)
      if (!info) throw new RuntimeFailed('The agent was never started.')
      await writeFile(engine, agent, INCOMING, JSON.stringify(files))
      const written = await runScript(engine, agent, info.Config.Image, syncScript, `${AGENT_ROOT}/${INCOMING}`)
      return countConfirmed(workspace, JSON.parse(written) as string[])
    },

    async *send(agent, turn, signal) {
      signal.throwIfAborted()
      yield* askGateway(await gatewayUrl(engine, agent), agent, turn, signal)
    },

    async address(agent) {
      const url = await gatewayUrl(engine, agent).catch(noAddress)
      return url !== null && (await isGatewayReady(url)) ? url : null
    },

    onExit: (listener) => void followExits(engine, listener, closing.signal),

    isAvailable: () =>
      engine.ping().then(
        () => true,
        () => false,
      ),
    close: async () => closing.abort(),
  }
}

/** @returns null: an agent that does not run has no address. */
function noAddress(error: unknown): null {
  if (error instanceof RuntimeUnreachable) return null
  throw error
}
