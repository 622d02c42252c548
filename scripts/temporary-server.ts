import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'

const root = resolve(import.meta.dirname, '..')

/** A server of its own process, on a free port and with an empty database that goes away with it. */
export interface TemporaryServer {
  /** Its address, without a slash at the end. */
  url: string
  /** Stops it and removes its data. */
  stop(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/**
 * Starts the production build. It has no model provider, so agents use `local/commands`; rate limits
 * are out of the way.
 *
 * @param env Further environment variables.
 * @throws when it ends before it is ready, such as without a build; its output is in the message.
 */
export async function startTemporaryServer(env: Record<string, string> = {}): Promise<TemporaryServer> {
  const dataDir = await mkdtemp(join(tmpdir(), 'agentbot-'))
  const child = spawn(process.execPath, ['app/http/serve.ts'], {
    cwd: root,
    env: { PATH: process.env.PATH, PORT: '0', HOST: '127.0.0.1', DATA_DIR: dataDir, LOG_LEVEL: 'warn', RATE_LIMIT_SCALE: '100', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const exited = once(child, 'exit')
  const output: string[] = []
  createInterface({ input: child.stderr }).on('line', (line) => output.push(line))
  const ready = new Promise<string>((found) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      output.push(line)
      const [, url] = /^Agentbot is ready at (\S+)$/.exec(line) ?? []
      if (url) found(url)
    })
  })
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM')
    await exited
    await rm(dataDir, { recursive: true, force: true })
  }
  const url = await Promise.race([ready, exited.then(() => undefined)])
  if (url === undefined) {
    await stop()
    throw new Error(`The server did not start:\n${output.join('\n')}`)
  }
  return { url, stop, [Symbol.asyncDispose]: stop }
}
