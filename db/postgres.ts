import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import type { PostgresPool, PostgresPoolClient } from 'kysely'
import { DatabaseUnreachable, explainFailure, sqlStateOf } from './database-failures.ts'
import { APP_ROLE, type Engine, type Viewpoint } from './engine.ts'
import { NotificationListener } from './notification-listener.ts'
import {
  clientClass,
  cut,
  cutOverdue,
  MAX_CONNECT_MS,
  setUpSession,
  WATCH_MS,
  type OpenClients,
  type SessionSettings,
  type Watched,
} from './postgres-client.ts'
import { toIsoTimestamp } from './timestamps.ts'

/** Connections one server opens at most: these pools, and one that hears notifications. */
const MAX_APP = 20
const MAX_SYSTEM = 10
const MAX_MAINTENANCE = 2

/** How long Postgres may take to say goodbye before the connections are cut. */
const MAX_CLOSE_MS = 2_000

/** A Postgres server: a pool with the application's role, one for the system, one for what takes long. */
export function openPostgres(connectionString: string): Engine {
  const open: OpenClients = new Set()
  const Client = clientClass(open)
  const createPool = (name: string, max: number, settings: SessionSettings): pg.Pool =>
    new pg.Pool({
      connectionString,
      application_name: name,
      max,
      pipeline: true,
      connectionTimeoutMillis: MAX_CONNECT_MS,
      types: { getTypeParser },
      Client: Client as unknown as new () => pg.ClientBase,
      onConnect: (client) => setUpSession(client, settings),
      // An idle connection that breaks is replaced by the pool; without a listener it would end the process.
    }).on('error', () => undefined)
  const app = createPool('agentbot', MAX_APP, { role: APP_ROLE })
  const system = createPool('agentbot-system', MAX_SYSTEM, { role: 'none' })
  const maintenance = createPool('agentbot-maintenance', MAX_MAINTENANCE, { role: 'none', isUnhurried: true })
  const notifications = new NotificationListener(connectionString, Client)
  const watch = setInterval(() => cutOverdue(open), WATCH_MS).unref()
  return {
    poolFor: (viewpoint) => ({ connect: () => connectAs(app, viewpoint), end: () => Promise.resolve(), options: {} }),
    systemPool: poolOf(system),
    maintenancePool: poolOf(maintenance, { isUnhurried: true }),
    listen: (channel, listener) => notifications.listen(channel, listener).catch((error: unknown) => Promise.reject(explain(error))),
    async close() {
      const closed = Promise.all([app.end(), system.end(), maintenance.end(), notifications.close()])
      // A frozen Postgres never says goodbye.
      const cutOff = setTimeout(() => open.forEach(cut), MAX_CLOSE_MS)
      await closed
      clearTimeout(cutOff)
      clearInterval(watch)
    },
  }
}

const poolOf = (pool: pg.Pool, options?: QueryOptions): PostgresPool => ({
  connect: async () => wrap(await take(pool), options),
  end: () => Promise.resolve(),
  options: {},
})

/** SQLSTATE of a Postgres that has as many connections as it allows. */
const TOO_MANY_CONNECTIONS = '53300'
/** Longest wait for one of them to end, or for one of the pool to become free, and how often that is looked for. */
const MAX_FULL_MS = 1_000
const LOOK_AGAIN_MS = 20

/** @throws DatabaseUnreachable when no connection can be made, or none becomes free in time. */
async function take(pool: pg.Pool): Promise<pg.PoolClient & Watched> {
  const endsBy = performance.now() + MAX_FULL_MS
  for (;;) {
    try {
      return (await pool.connect()) as pg.PoolClient & Watched
    } catch (error) {
      if (sqlStateOf(error) !== TOO_MANY_CONNECTIONS || performance.now() > endsBy)
        throw error instanceof DatabaseUnreachable ? error : new DatabaseUnreachable(error)
    }
    await delay(LOOK_AGAIN_MS)
  }
}

/**
 * A connection with a viewpoint. It is set, and a transaction opened, together with the first
 * statement, in one packet and one round trip; had either failed, that statement's result would be thrown away too.
 */
async function connectAs(pool: pg.Pool, { accountId, userId, isReadOnly }: Viewpoint): Promise<PostgresPoolClient> {
  const client = await take(pool)
  const { stream } = client.connection
  stream.cork()
  let heldBack: Promise<pg.QueryResult>[] | undefined = []
  const holdBack = (statement: pg.QueryConfig, held: Promise<pg.QueryResult>[]) => {
    const answer = client.query(statement).catch((error: unknown) => Promise.reject(explain(error)))
    // Whoever sends the first statement hears of it.
    answer.catch(() => undefined)
    held.push(answer)
  }
  holdBack({ name: 'set-viewpoint', text: SET_VIEWPOINT, values: [accountId ?? '', userId ?? '', isReadOnly ? 'on' : 'off'] }, heldBack)
  const { query, release } = wrap(client)
  return {
    async query(sql: string, values: readonly unknown[]) {
      if (!heldBack) return query(sql, values)
      if (sql === 'begin') {
        holdBack({ text: sql }, heldBack)
        return BEGUN
      }
      const result = query(sql, values)
      const before = heldBack
      heldBack = undefined
      stream.uncork()
      const [answer] = await Promise.all([result, ...before])
      return answer
    },
    release(error?: boolean) {
      if (heldBack) stream.uncork()
      release(error)
    },
  } as unknown as PostgresPoolClient
}

const SET_VIEWPOINT = `select set_config('app.user_id', $1, false), set_config('app.person_id', $2, false),
  set_config('default_transaction_read_only', $3, false)`

/** What Kysely hears of `begin` before it is sent. */
const BEGUN = { command: 'BEGIN', rowCount: 0, rows: [] }

interface QueryOptions {
  /** Whether an answer may take as long as it needs. */
  isUnhurried?: boolean
}

function wrap(client: pg.PoolClient & Watched, { isUnhurried = false }: QueryOptions = {}): PostgresPoolClient {
  const query = async (sql: string, values: readonly unknown[]) => {
    client.timesSeenWaiting = 0
    if (!isUnhurried) client.waiting++
    try {
      return await client.query({ name: statementName(sql), text: sql, values: values as unknown[] })
    } catch (error) {
      throw explain(error)
    } finally {
      if (!isUnhurried) client.waiting--
    }
  }
  // Kysely streams through cursors only when asked to, which this project never does; hence the narrower type.
  return { query, release: (error?: boolean | Error) => client.release(error) } as unknown as PostgresPoolClient
}

/** What Postgres did not answer itself was lost on the way there or back; a value that cannot be sent is a mistake here. */
const explain = (error: unknown): unknown =>
  sqlStateOf(error) || error instanceof TypeError || error instanceof RangeError || error instanceof DatabaseUnreachable
    ? explainFailure(error)
    : new DatabaseUnreachable(error)

const statementNames = new Map<string, string>()
const MAX_STATEMENTS = 1000

/** Names a statement, so that each connection parses and plans it once. Rare shapes past the bound stay unnamed. */
function statementName(sql: string): string | undefined {
  let name = statementNames.get(sql)
  if (!name && statementNames.size < MAX_STATEMENTS) statementNames.set(sql, (name = `s${statementNames.size}`))
  return name
}

const { builtins } = pg.types
const getTypeParser = ((oid: number, format?: 'text' | 'binary') => {
  if (oid === builtins.TIMESTAMPTZ) return toIsoTimestamp
  if (oid === builtins.INT8) return Number
  return pg.types.getTypeParser(oid, format as 'text')
}) as typeof pg.types.getTypeParser
