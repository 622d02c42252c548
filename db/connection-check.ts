import pg from 'pg'
import { UnsuitableDatabase } from './engine.ts'
import { ask, clientClass, cut, MAX_CONNECT_MS } from './postgres-client.ts'
import { DatabaseUnreachable } from './database-failures.ts'

/** Postgres 15, by `server_version_num`: what the migrations are written for. */
const MIN_VERSION = 150_000

/** Rounds after which a pooler that hands its connections out in turn has shown a second one. */
const ROUNDS = 3

/**
 * Makes sure, before anything is set on a connection, that it stays the caller's own: the role and the account that
 * row-level security asks for live on the connection, so a pooler must not lend it to somebody else in between.
 *
 * @throws UnsuitableDatabase for a pooler in transaction or statement mode, or a Postgres that is too old;
 * DatabaseUnreachable
 */
export async function checkConnections(connectionString: string): Promise<void> {
  const Client = clientClass(new Set())
  const connect = async (): Promise<pg.Client> => {
    const client = new Client({ connectionString, application_name: 'agentbot-check', connectionTimeoutMillis: MAX_CONNECT_MS })
    try {
      await client.connect()
      return client
    } catch (error) {
      throw new DatabaseUnreachable(error)
    }
  }
  const one = await connect()
  try {
    await checkVersion(one)
    const other = await connect()
    try {
      await checkOwnBackend(one, other)
    } finally {
      cut(other)
    }
  } finally {
    cut(one)
  }
}

async function checkVersion(client: pg.Client): Promise<void> {
  const [row] = await ask<{ number: number; version: string }>(
    client,
    `select current_setting('server_version_num')::int as number, current_setting('server_version') as version`,
  )
  if (row!.number < MIN_VERSION) throw new UnsuitableDatabase(`Postgres 15 or newer is needed; DATABASE_URL leads to ${row!.version}.`)
}

/**
 * A connection of Postgres itself, or of a pooler in session mode, keeps its process. A pooler in transaction mode
 * takes any that is free: while another client holds in a transaction the one that was used last, it is a different one.
 */
async function checkOwnBackend(one: pg.Client, other: pg.Client): Promise<void> {
  const processes = new Set<number>()
  const look = async () => processes.add((await ask<{ pid: number }>(one, 'select pg_backend_pid() as pid'))[0]!.pid)
  try {
    for (let round = 0; round < ROUNDS; round++) await look()
    await ask(other, 'begin')
    await ask(other, 'select')
    await look()
  } catch (error) {
    throw new UnsuitableDatabase(`${NOT_OWN} (${(error as Error).message})`, { cause: error })
  }
  if (processes.size > 1) throw new UnsuitableDatabase(NOT_OWN)
}

const NOT_OWN =
  'DATABASE_URL leads to a pooler that shares connections between clients. Use session mode (PgBouncer: pool_mode = session), or Postgres itself.'
