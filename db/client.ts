import { CamelCasePlugin, Kysely, PostgresDialect, type PostgresPool } from 'kysely'
import { retryingPool } from './conflicts.ts'
import type { DB } from './types.ts'
import { openEmbedded } from './embedded.ts'
import type { Engine, Listener, Viewpoint } from './engine.ts'
import { checkConnections } from './connection-check.ts'
import { openPostgres } from './postgres.ts'

/** A database, or a transaction in it. Which rows it can see depends on where it came from. */
export type Db = Kysely<DB>

/** The two ways into the database. */
export interface Databases {
  /**
   * Sees only the rows of one workspace, and none at all for null: the connection has a role that owns
   * nothing, and row-level security compares every row with what is set on it.
   *
   * @param options.userId The person whose own rows it sees too.
   * @param options.isReadOnly Whether the database refuses to write.
   */
  forAccount(accountId: string | null, options?: Partial<Omit<Viewpoint, 'accountId'>>): Db
  /** Sees everything. Only for authentication, migrations, and jobs that cross accounts. */
  system: Db
  /** As `system`, without time-outs: for migrations, and for clearing away what is over. */
  maintenance: Db
  /** Hears what any server of this database sends to a channel with NOTIFY, until the database is closed. */
  listen(channel: string, listener: Listener): Promise<void>
  /** One harmless query. @throws when the database does not answer. */
  ping(): Promise<void>
  close(): Promise<void>
}

/**
 * Opens Postgres at `databaseUrl`, or else the embedded database in `dataDir`. It still has to be migrated.
 *
 * @throws UnsuitableDatabase when it is too old, broken, or behind a pooler that gives connections to others;
 * DatabaseUnreachable
 */
export async function openDatabases({ databaseUrl, dataDir }: { databaseUrl?: string; dataDir: string }): Promise<Databases> {
  if (!databaseUrl) return databasesOn(await openEmbedded(dataDir))
  await checkConnections(databaseUrl)
  return databasesOn(openPostgres(databaseUrl))
}

const MAX_KEPT = 1000

export function databasesOn(engine: Engine): Databases {
  const plugins = [new CamelCasePlugin({ maintainNestedObjectKeys: true })]
  const open = (pool: PostgresPool): Db => new Kysely<DB>({ dialect: new PostgresDialect({ pool: retryingPool(pool) }), plugins })
  const system = open(engine.systemPool)
  // They hold no connection; keeping some only saves making them for every call.
  const perViewpoint = new Map<string, Db>()
  return {
    system,
    maintenance: open(engine.maintenancePool),
    forAccount(accountId, { userId = null, isReadOnly = false } = {}) {
      const key = `${accountId ?? ''} ${userId ?? ''} ${isReadOnly}`
      const known = perViewpoint.get(key)
      if (known) return known
      if (perViewpoint.size >= MAX_KEPT) perViewpoint.delete(perViewpoint.keys().next().value!)
      const db = open(engine.poolFor({ accountId, userId, isReadOnly }))
      perViewpoint.set(key, db)
      return db
    },
    listen: (channel, listener) => engine.listen(channel, listener),
    ping: async () => void (await system.selectNoFrom((eb) => eb.lit(1).as('one')).execute()),
    close: () => engine.close(),
  }
}
