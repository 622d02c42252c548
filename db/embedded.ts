import { existsSync } from 'node:fs'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { PGlite, type Results } from '@electric-sql/pglite'
import type { PostgresPool, PostgresPoolClient } from 'kysely'
import { DatabaseDiskFull, DatabaseUnreachable, explainFailure } from './database-failures.ts'
import { hasRoom, hasRoomToDelete } from './disk-space.ts'
import { APP_ROLE, UnsuitableDatabase, type Engine, type Listener, type Viewpoint } from './engine.ts'
import { toIsoTimestamp } from './timestamps.ts'

const TIMESTAMPTZ = 1184
const INT8 = 20
const parsers = { [TIMESTAMPTZ]: toIsoTimestamp, [INT8]: Number }

/** For so long the database may compute on the server's only thread before signals, requests and timers are seen to. */
const MAX_STRETCH_MS = 10

/** An empty, migrated database that the build makes: loading it takes a tenth of what making one does. */
export const templateFile = new URL('../build/database.tar', import.meta.url)

/** A file whose bytes are at hand: those of fifty megabytes take half a second to get out of Node's own kind. */
class FileInMemory extends Blob {
  readonly #bytes: ArrayBuffer

  constructor({ buffer, byteOffset, byteLength }: Buffer<ArrayBuffer>) {
    super()
    this.#bytes = byteLength === buffer.byteLength ? buffer : buffer.slice(byteOffset, byteOffset + byteLength)
  }

  override arrayBuffer(): Promise<ArrayBuffer> {
    return Promise.resolve(this.#bytes)
  }
}

/** @throws when the build has not made it. */
export const readTemplate = async (): Promise<Blob> => new FileInMemory(await readFile(templateFile))

/**
 * The embedded database has no process that does this: without it the log that is written ahead grows for ever, and
 * with it the time the next start takes after a crash.
 */
const CHECKPOINT_EVERY_MS = 5 * 60_000

/** How long a database that stopped is left alone before it is opened again: it takes a second of the server's only thread. */
const REOPEN_MS = 5_000

/**
 * The database gives its page cache its memory at once, which with the 128 MB it would take is most of the time it takes to start.
 * What is not in it is in the page cache of the machine.
 */
const SHARED_BUFFERS = '32MB'

const NOBODY: Viewpoint = { accountId: null, userId: null, isReadOnly: false }

const SET_VIEWPOINT = `select set_config('role', $1, false), set_config('app.user_id', $2, false),
  set_config('app.person_id', $3, false), set_config('default_transaction_read_only', $4, false)`

/** The embedded database in `dataDir`. The caller holds the lock on the folder: two processes destroy it. */
export async function openEmbedded(dataDir: string): Promise<Engine> {
  const folder = join(dataDir, 'pglite')
  // There only while a database is being made: after a crash in between, what there is of it is thrown away.
  const isBeingMade = join(dataDir, 'pglite.unfinished')
  if (existsSync(isBeingMade)) await rm(folder, { recursive: true, force: true })
  if (existsSync(folder)) return embeddedEngine(await openExisting(folder), folder)

  if (!hasRoom(dataDir)) throw new UnsuitableDatabase(`There is no room for a database: the disk of ${dataDir} is full.`)
  await writeFile(isBeingMade, '')
  const lite = await open(folder, await readTemplate().catch(() => undefined))
  await rm(isBeingMade)
  return embeddedEngine(lite, folder)
}

/** @throws UnsuitableDatabase when what is in the folder is not a database, or a broken one. */
async function openExisting(folder: string): Promise<PGlite> {
  try {
    return await open(folder)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new UnsuitableDatabase(
      `The embedded database in ${folder} cannot be opened (${reason}). Put a backup of the folder back, or move it away to begin with an empty one.`,
      { cause: error },
    )
  }
}

/** An embedded database in memory, from a dump made with `dumpDataDir`; for tests. */
export const openInMemory = async (dump?: Blob): Promise<Engine & { lite: PGlite }> => {
  const lite = await open(undefined, dump)
  return { ...embeddedEngine(lite), lite }
}

async function open(dataDir: string | undefined, loadDataDir?: Blob): Promise<PGlite> {
  const startParams = [...PGlite.defaultStartParams, '-c', `shared_buffers=${SHARED_BUFFERS}`]
  const lite = await PGlite.create({ ...(dataDir ? { dataDir } : {}), ...(loadDataDir ? { loadDataDir } : {}), startParams, parsers })
  await lite.exec(`set timezone = 'UTC'`)
  return lite
}

/**
 * The embedded database has one session, so connections take turns, and each turn starts by setting
 * the role and the viewpoint it runs with.
 *
 * @param folder Where it is kept, unless it is in memory.
 */
function embeddedEngine(first: PGlite, folder?: string): Engine {
  let lite = first
  let tail: Promise<void> = Promise.resolve()
  let pausedAt = 0
  /** Why it answers nothing more until it is opened again: it stopped, and calling it then never returns. */
  let end: DatabaseUnreachable | undefined
  let openedAt = -Infinity
  const listeners = new Map<string, Listener>()
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
  const ask = async (sql: string, values: readonly unknown[]) => {
    if (end) throw end
    if (folder && !hasRoomFor(sql, folder)) throw new DatabaseDiskFull()
    try {
      return await lite.query(sql, values as unknown[])
    } catch (error) {
      throw (error as { severity?: string }).severity === 'PANIC' ? stopUsing(error) : explainFailure(error)
    }
  }
  const stopUsing = (error: unknown): DatabaseUnreachable => {
    for (const { onChange } of listeners.values()) onChange(false)
    return (end = new DatabaseUnreachable(explainFailure(error)))
  }
  /** Opens it again, as a server that starts does after a crash: nothing that was acknowledged is lost. */
  const reopen = async (ended: DatabaseUnreachable, path: string) => {
    if (performance.now() - openedAt < REOPEN_MS) throw ended
    openedAt = performance.now()
    try {
      lite = await open(path)
    } catch (error) {
      throw new DatabaseUnreachable(error)
    }
    // From here on it is in use, whatever else fails: a second one on the folder would destroy it.
    end = undefined
    for (const [channel, { onMessage }] of listeners) await lite.listen(channel, onMessage)
    for (const { onChange } of listeners.values()) onChange(true)
  }
  const connectAs = async (role: string, { accountId, userId, isReadOnly }: Viewpoint): Promise<PostgresPoolClient> => {
    const release = await takeTurn()
    try {
      if (end && folder) await reopen(end, folder)
      await ask(SET_VIEWPOINT, [role, accountId ?? '', userId ?? '', isReadOnly ? 'on' : 'off'])
    } catch (error) {
      release()
      throw error
    }
    const query = async (sql: string, values: readonly unknown[]) => toPgResult(sql, await ask(sql, values))
    return { query, release } as unknown as PostgresPoolClient
  }
  const pool = (role: string, viewpoint: Viewpoint): PostgresPool => ({
    connect: () => connectAs(role, viewpoint),
    end: () => Promise.resolve(),
    options: {},
  })
  const systemPool = pool('none', NOBODY)
  const checkpoint = async () => {
    const { query, release } = await connectAs('none', NOBODY)
    await query('checkpoint', []).finally(() => release())
  }
  // What fails here is told by the next call.
  const checkpoints = folder && setInterval(() => void checkpoint().catch(() => undefined), CHECKPOINT_EVERY_MS).unref()
  return {
    poolFor: (viewpoint) => pool(APP_ROLE, viewpoint),
    systemPool,
    maintenancePool: systemPool,
    async listen(channel, listener) {
      listeners.set(channel, listener)
      await lite.listen(channel, listener.onMessage)
      listener.onChange(true)
    },
    async close() {
      if (checkpoints) clearInterval(checkpoints)
      if (!end) await lite.close()
    },
  }
}

/** Deleting goes on for longer than what makes a database grow, so that room can be made. */
const GROWS = /\b(insert|update|merge)\b/i
const DELETES = /\bdelete\b/i

const hasRoomFor = (sql: string, folder: string): boolean =>
  GROWS.test(sql) ? hasRoom(folder) : !DELETES.test(sql) || hasRoomToDelete(folder)

function toPgResult(sql: string, { rows, affectedRows }: Results<unknown>) {
  const command = /^\s*(\w+)/.exec(sql)?.[1]?.toUpperCase() ?? ''
  return { command, rowCount: affectedRows || rows.length, rows }
}
