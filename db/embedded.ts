import { existsSync } from 'node:fs'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { PGlite } from '@electric-sql/pglite'
import type { PostgresPool, PostgresPoolClient } from 'kysely'
import { APP_ROLE, type Engine } from './engine.ts'
import { toIsoTimestamp } from './timestamps.ts'

const TIMESTAMPTZ = 1184
const INT8 = 20
const parsers = { [TIMESTAMPTZ]: toIsoTimestamp, [INT8]: Number }

/** For so long the database may compute on the server's only thread before signals, requests and timers are seen to. */
const MAX_STRETCH_MS = 10

/** An empty, migrated database that the build makes: loading it takes a tenth of what making one does. */
export const templateFile = new URL('../build/database.tar', import.meta.url)

/** The embedded database in `dataDir`. The caller holds the lock on the folder: two processes destroy it. */
export async function openEmbedded(dataDir: string): Promise<Engine> {
  const folder = join(dataDir, 'pglite')
  // There only while a database is being made: after a crash in between, what there is of it is thrown away.
  const isBeingMade = join(dataDir, 'pglite.unfinished')
  if (existsSync(isBeingMade)) await rm(folder, { recursive: true, force: true })
  if (existsSync(folder)) return embeddedEngine(await open(folder))

  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  await writeFile(isBeingMade, '')
  const template = await readFile(templateFile).catch(() => undefined)
  const lite = await open(folder, template && new Blob([template]))
  await rm(isBeingMade)
  return embeddedEngine(lite)
}

/** An embedded database in memory, from a dump made with `dumpDataDir`; for tests. */
export const openInMemory = async (dump?: Blob): Promise<Engine & { lite: PGlite }> => {
  const lite = await open(undefined, dump)
  return { ...embeddedEngine(lite), lite }
}

async function open(dataDir: string | undefined, loadDataDir?: Blob): Promise<PGlite> {
  const lite = await PGlite.create({ ...(dataDir ? { dataDir } : {}), ...(loadDataDir ? { loadDataDir } : {}), parsers })
  await lite.exec(`set timezone = 'UTC'`)
  return lite
}

/**
 * The embedded database has one session, so connections take turns, and each turn starts by setting
 * the role and the account it runs as.
 */
function embeddedEngine(lite: PGlite): Engine {
  let tail: Promise<void> = Promise.resolve()
  let pausedAt = 0
  const takeTurn = async (): Promise<() => void> => {
    const before = tail
    const { promise, resolve } = Promise.withResolvers<void>()
    tail = promise
    await before
    // One query after the other is answered without the event loop ever turning.
    if (performance.now() - pausedAt > MAX_STRETCH_MS) {
      await nextTurn()
      pausedAt = performance.now()
    }
    return resolve
  }
  const connectAs = async (role: string, accountId: string): Promise<PostgresPoolClient> => {
    const release = await takeTurn()
    try {
      await lite.query(`select set_config('role', $1, false), set_config('app.user_id', $2, false)`, [role, accountId])
    } catch (error) {
      release()
      throw error
    }
    return { query: (sql: string, values: readonly unknown[]) => runStatement(lite, sql, values), release } as unknown as PostgresPoolClient
  }
  const pool = (role: string, accountId: string): PostgresPool => ({
    connect: () => connectAs(role, accountId),
    end: () => Promise.resolve(),
    options: {},
  })
  return {
    poolFor: (accountId) => pool(APP_ROLE, accountId ?? ''),
    systemPool: pool('none', ''),
    async listen(channel, { onMessage, onChange }) {
      await lite.listen(channel, onMessage)
      onChange(true)
    },
    close: () => lite.close(),
  }
}

async function runStatement(lite: PGlite, sql: string, values: readonly unknown[]) {
  const result = await lite.query(sql, values as unknown[])
  const command = /^\s*(\w+)/.exec(sql)?.[1]?.toUpperCase() ?? ''
  return { command, rowCount: result.affectedRows || result.rows.length, rows: result.rows }
}
