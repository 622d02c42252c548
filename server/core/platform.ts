import { randomUUID } from 'node:crypto'
import { mkdir, readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { openDatabases, type Databases } from '#db/client.ts'
import { migrateToLatest } from '#db/migrate.ts'
import { readAppSecret } from './app-secret.ts'
import type { Platform } from './context.ts'
import { lockDataDir } from './data-lock.ts'
import type { Env } from './env.ts'
import type { Logger } from './log.ts'
import { createRateLimits } from './rate-limits.ts'
import { createSecrets } from './secrets.ts'

/** A platform that runs, and how to stop it. */
export interface RunningPlatform extends Platform {
  /** Aborts what still runs, closes the connections and gives the data folder back. */
  close(): Promise<void>
}

/**
 * Takes the data folder, opens the database and brings its schema up to date.
 *
 * @throws DataDirInUse when another server holds the folder.
 */
export async function startPlatform(env: Env, log: Logger): Promise<RunningPlatform> {
  const dataDir = resolve(env.DATA_DIR)
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  const unlock = await lockDataDir(dataDir)
  try {
    const secret = await readAppSecret({ ...env, DATA_DIR: dataDir })
    const databases = await openDatabases({ dataDir, ...(env.DATABASE_URL ? { databaseUrl: env.DATABASE_URL } : {}) })
    const applied = await migrateToLatest(databases.system)
    if (applied.length > 0) log.info({ migrations: applied }, 'brought the database up to date')
    return await assemblePlatform(env, log, databases, secret, unlock)
  } catch (error) {
    await unlock()
    throw error
  }
}

/** Puts a platform together from an open, migrated database. */
export async function assemblePlatform(
  env: Env,
  log: Logger,
  databases: Databases,
  secret: string,
  onClose: () => Promise<void>,
): Promise<RunningPlatform> {
  const shutdown = new AbortController()
  const lastWork: (() => Promise<void>)[] = []
  const rateLimits = await createRateLimits(env, log)
  return {
    env,
    serverId: randomUUID(),
    log,
    databases,
    secrets: createSecrets(secret, env.APP_SECRET_PREVIOUS),
    rateLimits,
    shutdown: shutdown.signal,
    openapi: await readJson('docs/openapi.json'),
    version: String((await readJson('package.json')).version),
    beforeClose: (work) => void lastWork.push(work),
    async close() {
      shutdown.abort(new Error('The server stops.'))
      await Promise.all(lastWork.map((work) => work()))
      await rateLimits.close()
      await databases.close()
      await onClose()
    },
  }
}

const root = new URL('../../', import.meta.url)
const readJson = async (path: string): Promise<Record<string, unknown>> => JSON.parse(await readFile(new URL(path, root), 'utf8'))
