import { spawn, type ChildProcess } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { readFile, rm } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { readLines } from '#server/platform/flow/index.ts'
import { startOfProcess } from '#server/platform/host/index.ts'
import { RuntimeFailed, type RuntimeLogLine } from '../interface/index.ts'
import { MAX_LINE_CHARACTERS, toLogLine } from '../openclaw/index.ts'
import type { HeldPort } from './ports.ts'

/** How long a gateway may take to end before it is killed; it would finish answers for minutes. */
const STOP_MS = 10_000
/** How long the system may take to end a process that was killed. */
const KILL_MS = 10_000
const POLL_MS = 20
const MAX_LINES = 1000

export interface Launch {
  program: string
  args: string[]
  env: Record<string, string>
  cwd: string
  /** Released once the gateway has been stopped. */
  port: HeldPort
  image: string
  processFile: string
  /** Never to be shown in a log. */
  secrets: string[]
  /** Folders of this machine, of which a log shows nothing, as `spellingsOf` gives them. */
  folders: string[]
}

/** One gateway, from its start to its end. It leads a group of processes of its own, so that what it started ends with it. */
export class GatewayProcess {
  readonly #port: HeldPort
  readonly image: string
  readonly startedAt = new Date().toISOString()
  readonly ended: Promise<void>
  readonly #child: ChildProcess
  readonly #processFile: string
  #isStopping = false
  #ending: string | undefined

  /** @param lines Gets what it writes; the oldest are dropped. */
  private constructor(child: ChildProcess, { port, image, processFile, secrets, folders }: Launch, lines: RuntimeLogLine[]) {
    this.#child = child
    this.#port = port
    this.image = image
    this.#processFile = processFile
    for (const [stream, isError] of [
      [child.stdout!, false],
      [child.stderr!, true],
    ] as const)
      readLines(stream, MAX_LINE_CHARACTERS, (text) => {
        lines.push(toLogLine(new Date().toISOString(), text, isError, { secrets, folders }))
        if (lines.length > MAX_LINES) lines.shift()
      })
    this.ended = new Promise((resolve) => {
      const end = (reason: string) => {
        this.#ending ??= reason
        resolve()
      }
      child.once('error', (error: NodeJS.ErrnoException) => end(`It could not be run: ${error.code ?? error.name}.`))
      child.once('exit', (code, signal) => end(signal ? `It was ended by ${signal}.` : `It ended by itself with code ${code}.`))
    })
  }

  static launch(launch: Launch, lines: RuntimeLogLine[]): GatewayProcess {
    const { program, args, env, cwd, port, processFile } = launch
    const child = spawn(process.execPath, [program, ...args], {
      cwd,
      env: env as NodeJS.ProcessEnv,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const gateway = new GatewayProcess(child, launch, lines)
    if (child.pid === undefined) return gateway
    try {
      writeIdentity(processFile, { pid: child.pid, start: startOfProcess(child.pid), port: port.port })
    } catch (error) {
      // A full disk: nobody would find the gateway again.
      killGroup(child.pid)
      throw error
    }
    return gateway
  }

  get port(): number {
    return this.#port.port
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`
  }

  get pid(): number | undefined {
    return this.#child.pid
  }

  /** How it ended; undefined while it runs. */
  get ending(): string | undefined {
    return this.#ending
  }

  /** Whether it ends, or ended, because it was told to. */
  get isStopping(): boolean {
    return this.#isStopping
  }

  /** Resolves once it has ended, with all it started. */
  async stop(): Promise<void> {
    this.#isStopping = true
    if (this.#ending === undefined) {
      this.#child.kill('SIGTERM')
      await Promise.race([this.ended, delay(STOP_MS, undefined, { ref: false })])
    }
    if (this.pid !== undefined) killGroup(this.pid)
    await this.ended
    // Another server may have started the agent in the same folder meanwhile.
    if ((await readIdentity(this.#processFile))?.pid === this.pid) await rm(this.#processFile, { force: true })
    await this.#port.release()
  }
}

/** Which process a gateway is. */
interface Identity {
  pid: number
  /** As `startOfProcess` says it: another program may have the number by now, and the gateway changes its title. */
  start: string | undefined
  port: number
}

/** Written within the same moment as the process is made: a server killed between the two would leave it unknown. */
const writeIdentity = (processFile: string, identity: Identity): void =>
  writeFileSync(processFile, JSON.stringify(identity), { mode: 0o600 })

/**
 * Ends the gateway that a server left behind which was killed, should it still run, with all it started.
 *
 * @throws RuntimeFailed when the system does not end it.
 */
export async function killLeftOver(processFile: string): Promise<void> {
  const identity = await readIdentity(processFile)
  if (identity) {
    const { pid, start } = identity
    const isRunning = () => start !== undefined && startOfProcess(pid) === start
    if (isRunning()) killGroup(pid)
    const deadline = Date.now() + KILL_MS
    while (isRunning()) {
      if (Date.now() > deadline) throw new RuntimeFailed('The gateway that a killed server left behind does not end.')
      await delay(POLL_MS)
    }
  }
  await rm(processFile, { force: true })
}

/** @returns undefined when there is none, or the server was killed while it wrote it. */
async function readIdentity(processFile: string): Promise<Identity | undefined> {
  try {
    return JSON.parse(await readFile(processFile, 'utf8')) as Identity
  } catch {
    return undefined
  }
}

function killGroup(leader: number): void {
  try {
    process.kill(-leader, 'SIGKILL')
  } catch {
    // Nobody of the group is left.
  }
}
