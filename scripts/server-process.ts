import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline'

const root = resolve(import.meta.dirname, '..')

/** A server in a process of its own. */
export interface ServerProcess {
  /** Its address, without a slash at the end. */
  url: string
  pid: number
  /** What it has printed so far. */
  output: string[]
  /** Ends it and waits until it has ended. @returns its exit code; null when the signal ended it. */
  stop(signal?: NodeJS.Signals): Promise<number | null>
}

/** The process ended before it was ready. */
export class ServerDidNotStart extends Error {
  readonly exitCode: number | null
  constructor(exitCode: number | null, output: string[]) {
    super(`The server did not start:\n${output.join('\n')}`)
    this.exitCode = exitCode
  }
}

/**
 * Runs a server script with Node until it says where it listens. Its environment is what is given,
 * and nothing of this process but PATH.
 *
 * @param checkout Folder of the project the script belongs to.
 * @throws ServerDidNotStart with everything it printed.
 */
export async function startServerProcess(script: string, environment: Record<string, string>, checkout = root): Promise<ServerProcess> {
  const child = spawn(process.execPath, [script], {
    cwd: checkout,
    env: { PATH: process.env.PATH ?? '', NODE_ENV: 'production', HOST: '127.0.0.1', PORT: '0', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const exited = once(child, 'exit') as Promise<[number | null]>
  const closed = once(child, 'close')
  const output: string[] = []
  const { promise: ready, resolve: isReady } = Promise.withResolvers<string>()
  createInterface({ input: child.stderr }).on('line', (line) => output.push(line))
  createInterface({ input: child.stdout }).on('line', (line) => {
    output.push(line)
    const url = /ready at (http:\S+)$/.exec(line)?.[1]
    if (url) isReady(url)
  })
  const url = await Promise.race([ready, closed.then(() => undefined)])
  if (url === undefined) throw new ServerDidNotStart(child.exitCode, output)
  return {
    url,
    pid: child.pid!,
    output,
    async stop(signal = 'SIGTERM') {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal)
      return (await exited)[0]
    },
  }
}

/** The script of the real server. */
export const SERVER = 'app/http/serve.ts'
