import { spawn, execFile, type ChildProcess } from 'node:child_process'
import { readFile, rm } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { readLines } from '../../core/bounded-lines.ts'
import type { RuntimeLogLine } from '../driver.ts'
import { MAX_LINE_CHARACTERS, toLogLine } from '../openclaw/log-lines.ts'
import { replaceFile } from './agent-files.ts'

const run = promisify(execFile)

/** How long a gateway may take to end before it is killed; it would finish answers for minutes. */
const STOP_MS = 10_000
const MOST_LINES = 1000

export interface Launch {
  program: string
  args: string[]
  env: Record<string, string>
  cwd: string
  port: number
  image: string
  processFile: string
  /** Never to be shown in a log. */
  secrets: string[]
}

/** One gateway, from its start to its end. It leads a group of processes of its own, so that what it started ends with it. */
export class GatewayProcess {
  readonly port: number
  readonly image: string
  readonly startedAt = new Date().toISOString()
  readonly ended: Promise<void>
  readonly #child: ChildProcess
  readonly #processFile: string
  #isStopping = false
  #ending: string | undefined

  /** @param lines Gets what it writes; the oldest are dropped. */
  private constructor(child: ChildProcess, { port, image, processFile, secrets }: Launch, lines: RuntimeLogLine[]) {
    this.#child = child
    this.port = port
    this.image = image
    this.#processFile = processFile
    for (const [stream, isError] of [
      [child.stdout!, false],
      [child.stderr!, true],
    ] as const)
      readLines(stream, MAX_LINE_CHARACTERS, (text) => {
        lines.push(toLogLine(new Date().toISOString(), text, isError, secrets))
        if (lines.length > MOST_LINES) lines.shift()
      })
    this.ended = new Promise((resolve) => {
      const end = (reason: string) => {
        this.#ending ??= reason
        resolve()
      }
      child.once('error', (error) => end(`It could not be run: ${error.message}.`))
      child.once('exit', (code, signal) => end(signal ? `It was ended by ${signal}.` : `It ended by itself with code ${code}.`))
    })
  }

  static async launch(launch: Launch, lines: RuntimeLogLine[]): Promise<GatewayProcess> {
    const { program, args, env, cwd, port, processFile } = launch
    const child = spawn(process.execPath, [program, ...args], {
      cwd,
      env: env as NodeJS.ProcessEnv,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const gateway = new GatewayProcess(child, launch, lines)
    if (child.pid !== undefined) await replaceFile(processFile, JSON.stringify({ pid: child.pid, port }))
    return gateway
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
    await rm(this.#processFile, { force: true })
  }
}

/** Ends the gateway that a server left behind which was killed, should it still run. */
export async function killLeftOver(processFile: string): Promise<void> {
  const content = await readFile(processFile, 'utf8').catch(() => undefined)
  if (content === undefined) return
  const { pid, port } = JSON.parse(content) as { pid: number; port: number }
  // The number may be another program's by now.
  const command = await run('ps', ['-o', 'command=', '-p', String(pid)]).catch(() => ({ stdout: '' }))
  if (command.stdout.includes(`--port ${port}`)) {
    killGroup(pid)
    while (isAlive(pid)) await delay(20)
  }
  await rm(processFile, { force: true })
}

function killGroup(leader: number): void {
  try {
    process.kill(-leader, 'SIGKILL')
  } catch {
    // Nobody of the group is left.
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
