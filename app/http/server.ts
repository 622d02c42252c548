import type { AddressInfo } from 'node:net'
import { existsSync } from 'node:fs'
import { readEnv, envVariables, createLogger, describeFailure } from '#server/platform/core/index.ts'
import { startPlatform, explainStartProblem } from '#server/platform/host/index.ts'
import { startServer } from '#server/start.ts'
import { resolve } from 'node:path'
import { createHandler } from './handler.ts'
import type { Site } from './build.ts'
import { createHttpServer } from './http-server.ts'
import { createListener } from './listener.ts'

/** Of the grace, what is left for those who wait to be told, and for the database to be closed. */
const GOODBYE_MS = 1_000

async function serve(loadSite: () => Promise<Site>): Promise<void> {
  if (existsSync('.env')) process.loadEnvFile('.env')
  const env = readEnv(process.env)
  const log = createLogger(env)
  const site = await loadSite()
  const platform = await startPlatform(env, log)
  await startServer(platform)
  for (const { name, isReserved } of envVariables) {
    if (isReserved && process.env[name])
      log.warn({ variable: name }, 'this variable belongs to a feature this version does not have; it has no effect')
  }

  const handle = createHandler(platform, site.routes, site.renderPage)
  const listener = createListener(handle)
  const server = createHttpServer((request, response) => site.serveAsset(request, response, () => listener(request, response)))
  server.once('error', (error) => void platform.close().finally(() => fail(error)))
  server.listen(env.PORT, env.HOST, () => {
    const address = server.address() as AddressInfo
    // With PORT=0 the port is known only now.
    if (!process.env.APP_URL) env.APP_URL = `http://localhost:${address.port}`
    announce(address, env.DATA_DIR, env.DATABASE_URL !== undefined)
  })

  let isStopping = false
  const stop = async (signal: string) => {
    if (isStopping) return
    isStopping = true
    log.info({ signal }, 'stopping')
    platform.stop()
    const drained = new Promise<void>((done) => server.close(() => done()))
    server.closeIdleConnections()
    const graceMs = env.STOP_GRACE_SECONDS * 1000
    // Those that still wait are told so, and then cut off.
    const goodbye = setTimeout(() => platform.shutDown(), graceMs - GOODBYE_MS)
    const cutOff = setTimeout(() => server.closeAllConnections(), graceMs - GOODBYE_MS / 2)
    await drained
    clearTimeout(goodbye)
    clearTimeout(cutOff)
    await platform.close()
    process.exit(0)
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
}

function announce({ address, port }: AddressInfo, dataDir: string, isPostgres: boolean): void {
  const host = address.includes(':') ? `[${address}]` : address
  console.log(`Agentbot is ready at http://${host}:${port}`)
  console.log(`Data: ${resolve(dataDir)}${isPostgres ? ' (database: Postgres)' : ' (embedded database)'}`)
  if (!isPostgres)
    console.log('The embedded database survives a crash, but not a power cut. Set DATABASE_URL to use Postgres where that matters.')
}

/** Problems an operator can solve are said in a line; anything else with its stack, and nothing of what it carries. */
function fail(error: unknown): never {
  const { stack, message } = describeFailure(error)
  console.error(explainStartProblem(error) ?? stack ?? message)
  process.exit(1)
}

/** Runs the server until it is told to stop; ends the process with 1 when it cannot start. */
export const runServer = (loadSite: () => Promise<Site>): Promise<void> => serve(loadSite).catch(fail)
