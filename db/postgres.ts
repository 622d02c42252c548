import pg from 'pg'
import type { PostgresPool, PostgresPoolClient } from 'kysely'
import { APP_ROLE, type Engine } from './engine.ts'
import { NotificationListener } from './notification-listener.ts'
import { toIsoTimestamp } from './timestamps.ts'

/** Cancels a statement that runs longer; every query of the server takes milliseconds. */
const STATEMENT_TIMEOUT_MS = 30_000

/** A Postgres server: one pool with the application's role, one for the system. */
export function openPostgres(connectionString: string): Engine {
  const app = createPool(connectionString, 'agentbot', 20, APP_ROLE)
  const system = createPool(connectionString, 'agentbot-system', 10)
  const ear = new NotificationListener(connectionString)
  return {
    poolFor: (accountId) => ({ connect: () => connectAs(app, accountId ?? ''), end: () => Promise.resolve(), options: {} }),
    systemPool: poolOf(system),
    listen: (channel, listener) => ear.listen(channel, listener),
    close: async () => void (await Promise.all([app.end(), system.end(), ear.close()])),
  }
}

function createPool(connectionString: string, applicationName: string, max: number, role?: string): pg.Pool {
  const options = [`-c timezone=UTC`, `-c statement_timeout=${STATEMENT_TIMEOUT_MS}`, ...(role ? [`-c role=${role}`] : [])].join(' ')
  const pool = new pg.Pool({ connectionString, application_name: applicationName, max, options, pipeline: true, types: { getTypeParser } })
  // An idle connection that breaks is replaced by the pool; without a listener it would end the process.
  pool.on('error', () => undefined)
  return pool
}

const poolOf = (pool: pg.Pool): PostgresPool => ({
  connect: async () => wrap(await pool.connect()),
  end: () => Promise.resolve(),
  options: {},
})

/**
 * A connection that sees the rows of one account. The account is set together with the first statement,
 * in one packet and one round trip; had setting it failed, that statement's result would be thrown away too.
 */
async function connectAs(pool: pg.Pool, accountId: string): Promise<PostgresPoolClient> {
  const client = await pool.connect()
  // What a pool hands out is a `Client`; its type says less.
  const { stream } = (client as unknown as pg.Client).connection
  stream.cork()
  let setting: Promise<unknown> | undefined = client.query({
    name: 'set-account',
    text: `select set_config('app.user_id', $1, false)`,
    values: [accountId],
  })
  setting.catch(() => undefined)
  const { query, release } = wrap(client)
  return {
    async query(sql, values) {
      const result = query(sql, values)
      if (!setting) return result
      const pending = setting
      setting = undefined
      stream.uncork()
      return (await Promise.all([result, pending]))[0]
    },
    release(error) {
      if (setting) stream.uncork()
      release(error)
    },
  } as PostgresPoolClient
}

function wrap(client: pg.PoolClient): PostgresPoolClient {
  const query = (sql: string, values: readonly unknown[]) =>
    client.query({ name: statementName(sql), text: sql, values: values as unknown[] })
  // Kysely streams through cursors only when asked to, which this project never does; hence the narrower type.
  return { query, release: (error?: boolean | Error) => client.release(error) } as unknown as PostgresPoolClient
}

const statementNames = new Map<string, string>()
const MOST_STATEMENTS = 1000

/** Names a statement, so that each connection parses and plans it once. Rare shapes past the bound stay unnamed. */
function statementName(sql: string): string | undefined {
  let name = statementNames.get(sql)
  if (!name && statementNames.size < MOST_STATEMENTS) statementNames.set(sql, (name = `s${statementNames.size}`))
  return name
}

const { builtins } = pg.types
const getTypeParser = ((oid: number, format?: 'text' | 'binary') => {
  if (oid === builtins.TIMESTAMPTZ) return toIsoTimestamp
  if (oid === builtins.INT8) return Number
  return pg.types.getTypeParser(oid, format as 'text')
}) as typeof pg.types.getTypeParser
