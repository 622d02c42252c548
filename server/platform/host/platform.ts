import { mkdir, readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { openDatabases, type Databases } from '#db/client.ts'
import { checkIsolation } from '#db/isolation-check.ts'
import { migrateToLatest } from '#db/migrate.ts'
import { readAppSecret } from './app-secret.ts'
import { type Platform, type Env, ServerStopping, newId, type Logger, createRateLimits, createSecrets } from '../core/index.ts'
import { prepareDataDir } from './data-dir.ts'
import { lockDataDir, type DataDirLock } from './data-lock.ts'
import { checkSecret } from './secret-check.ts'

/** A platform that runs, and how to stop it. */
export interface RunningPlatform extends Platform {
  /** Lets no new calls in; those that run go on. */
  stop(): void
  /** Ends what still runs. */
  shutDown(): void
  /** Ends what still runs, closes the connections and gives the data folder back. */
  close(): Promise<void>
}

/**
 * Takes the data folder, opens the database, brings its schema up to date and makes sure that it keeps accounts apart
 * and that its secrets can be read.
 *
 * @throws StartRefused (DataDirInUse when another server holds the folder), UnsuitableDatabase, DatabaseUnreachable
 */
export async function startPlatform(env: Env, log: Logger): Promise<RunningPlatform> {
  const dataDir = resolve(env.DATA_DIR)
  const lock = env.DATABASE_URL ? undefined : await lockEmbedded(dataDir, log)
  const unlock = async () => lock?.release()
  try {
    const mended = await prepareDataDir(dataDir)
    if (mended > 0)
      log.warn({ dataDir, files: mended }, 'other users of this machine could open files of the data folder; they no longer can')
    const secret = await readAppSecret({ ...env, DATA_DIR: dataDir })
    const databases = await openDatabases({ dataDir, ...(env.DATABASE_URL ? { databaseUrl: env.DATABASE_URL } : {}) })
    await prepareDatabase(databases, env, secret, log)
    return await assemblePlatform(env, log, databases, secret, unlock)
  } catch (error) {
    await unlock()
    throw error
  }
}

async function prepareDatabase(databases: Databases, env: Env, secret: string, log: Logger): Promise<void> {
  try {
    const applied = await migrateToLatest(databases.maintenance)
    if (applied.length > 0) log.info({ migrations: applied }, 'brought the database up to date')
    await checkIsolation(databases)
    await checkSecret(databases.system, secret, env.APP_SECRET_PREVIOUS)
  } catch (error) {
    await databases.close()
    throw error
  }
}

/** Two servers on one embedded database destroy it; on Postgres they may share a folder. */
async function lockEmbedded(dataDir: string, log: Logger): Promise<DataDirLock> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  return lockDataDir(dataDir, (reason) => {
    log.fatal({ reason }, 'this server stops at once, so that the database is not destroyed')
    process.exit(1)
  })
}

/** Puts a platform together from an open, migrated database. */
export async function assemblePlatform(
  env: Env,
  log: Logger,
  databases: Databases,
  secret: string,
  onClose: () => Promise<void>,
): Promise<RunningPlatform> {
  const stopping = new AbortController()
  const shutdown = new AbortController()
  const stop = () => stopping.abort(new ServerStopping())
  const shutDown = () => {
    stop()
    shutdown.abort(new ServerStopping())
  }
  const lastWork: (() => Promise<void>)[] = []
  const rateLimits = await createRateLimits(env, log)
  return {
    env,
    log,
    databases,
    secrets: createSecrets(secret, env.APP_SECRET_PREVIOUS),
    rateLimits,
    serverId: newId('server'),
    stopping: stopping.signal,
    shutdown: shutdown.signal,
    openapi: await readJson('docs/openapi.json'),
    version: String((await readJson('package.json')).version),
    beforeClose: (work) => void lastWork.push(work),
    stop,
    shutDown,
    async close() {
      shutDown()
      for (const ended of await Promise.allSettled(lastWork.map((work) => work())))
        // Without its database, say, the server ends all the same; what it could not hand back runs out by itself.
        if (ended.status === 'rejected') log.error({ err: ended.reason as unknown }, 'could not finish before the end')
      await rateLimits.close()
      await databases.close()
      await onClose()
    },
  }
}

const root = new URL('../../../', import.meta.url)
const readJson = async (path: string): Promise<Record<string, unknown>> => JSON.parse(await readFile(new URL(path, root), 'utf8'))
