import pg from 'pg'
import { DatabaseUnreachable } from './database-failures.ts'

/** Longest wait for a connection, a free one of the pool or a new one. Together with an answer it stays below the 10 s a call may take. */
export const MAX_CONNECT_MS = 4_000
/** Longest a statement may run; Postgres cancels it then. Every query of a call takes milliseconds. */
const MAX_STATEMENT_MS = 4_500
/** Longest wait for an answer: only a Postgres that is frozen, or out of reach, does not cancel in time. */
const MAX_ANSWER_MS = 5_000
/** How often connections are looked at that wait for one. */
export const WATCH_MS = 500
/** A transaction that does nothing for so long was forgotten; no call waits for the outside within one. */
const MAX_IDLE_IN_TRANSACTION_MS = 30_000

/** A connection as this server watches it. */
export interface Watched {
  /** Statements whose answers must not take long. */
  waiting: number
  /** How often it was seen waiting since the last one began. */
  timesSeenWaiting: number
}

/** The connections of a database that are open, so that they can be cut when it does not let go of them. */
export type OpenClients = Set<pg.Client & Watched>

/**
 * Cuts the connections on which an answer is overdue; to be called every `WATCH_MS`. One look at all of them costs
 * less than a timer for each statement, and a server that itself stood still finds the answers that came meanwhile.
 */
export function cutOverdue(open: OpenClients): void {
  for (const client of open) if (client.waiting > 0 && client.timesSeenWaiting++ >= MAX_ANSWER_MS / WATCH_MS) cut(client)
}

/**
 * A connection with a listener for its errors from its first moment: an error nobody hears ends the process.
 * Whoever waits for an answer hears of it as well, and the pool replaces the connection.
 */
export function clientClass(open: OpenClients): typeof pg.Client {
  return class extends pg.Client {
    declare connectionParameters: { query_timeout: number }
    waiting = 0
    timesSeenWaiting = 0
    constructor(config?: string | pg.ClientConfig) {
      super(config)
      // Time-outs are this server's, whatever the address says of them.
      this.connectionParameters.query_timeout = 0
      this.on('error', () => undefined)
      open.add(this)
      this.once('end', () => open.delete(this))
    }
  }
}

/** Cuts a connection without waiting for Postgres to agree. */
// What is handed out is a `Client`; its type says less.
export const cut = (client: pg.ClientBase): void => void (client as pg.Client).connection.stream.destroy()

/** What a connection may do, and how long. */
export interface SessionSettings {
  /** The role it works as; `none` for the one it signed in with. */
  role: string
  /** Whether statements may take as long as they need. */
  isUnhurried?: boolean
}

/**
 * Sets the role, the time zone and the time-outs of a new connection, by SQL: parameters of the start of a connection
 * give way to `?options=` of the address, and PgBouncer does not hand them on.
 *
 * @throws DatabaseUnreachable
 */
export async function setUpSession(client: pg.ClientBase, { role, isUnhurried = false }: SessionSettings): Promise<void> {
  const settings = {
    role,
    timezone: 'UTC',
    datestyle: 'ISO',
    statement_timeout: isUnhurried ? 0 : MAX_STATEMENT_MS,
    lock_timeout: isUnhurried ? 0 : MAX_STATEMENT_MS,
    idle_in_transaction_session_timeout: MAX_IDLE_IN_TRANSACTION_MS,
  }
  const calls = Object.keys(settings).map((name, index) => `set_config('${name}', $${index + 1}, false)`)
  await ask(client, `select ${calls.join(', ')}`, Object.values(settings).map(String))
}

/** Asks over one connection, and cuts it when there is no answer in time. @throws DatabaseUnreachable */
export async function ask<Row extends pg.QueryResultRow>(client: pg.ClientBase, text: string, values: unknown[] = []): Promise<Row[]> {
  const query: pg.QueryConfig & { query_timeout: number } = { text, values, query_timeout: MAX_ANSWER_MS }
  try {
    return (await client.query<Row>(query)).rows
  } catch (error) {
    cut(client)
    throw new DatabaseUnreachable(error)
  }
}
