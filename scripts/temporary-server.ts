import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SERVER, startServerProcess } from './server-process.ts'

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
  const removeData = () => rm(dataDir, { recursive: true, force: true })
  const server = await startServerProcess(SERVER, { DATA_DIR: dataDir, LOG_LEVEL: 'warn', RATE_LIMIT_SCALE: '100', ...env }).catch(
    async (error: unknown) => {
      await removeData()
      throw error
    },
  )
  const stop = async () => {
    await server.stop()
    await removeData()
  }
  return { url: server.url, stop, [Symbol.asyncDispose]: stop }
}
