import { sql, type RawBuilder, type SqlBool } from 'kysely'
import type { Platform } from './context.ts'
import * as queries from './server-lease.queries.ts'

/** A server that has not said for this long that it is alive counts as dead: what it worked on is free for others. */
const LEASE_SECONDS = 4
/** Three may be late or lost before the lease runs out. */
const RENEW_EVERY_MS = 1000

/**
 * Says in the database that this server is alive, until it stops. What a server works on names it, so that
 * others see when nobody works on it any more. On the embedded database nobody else can be there to ask.
 */
export async function keepServerLease({ env, databases: { system }, serverId, log, beforeClose }: Platform): Promise<void> {
  if (!env.DATABASE_URL) {
    await queries.forgetServers(system)
    await queries.holdLease(system, serverId)
    return
  }
  await queries.forgetOldServers(system)
  await queries.renewLease(system, serverId, LEASE_SECONDS)
  const timer = setInterval(() => {
    queries
      .renewLease(system, serverId, LEASE_SECONDS)
      .catch((error: unknown) => log.warn({ err: error }, 'could not say that this server is alive'))
  }, RENEW_EVERY_MS)
  timer.unref()
  beforeClose(async () => clearInterval(timer))
}

/** The columns by which rows say who works on them. */
interface WorkColumns {
  /** Id of the server. */
  server: string
  /** Id of the work. */
  work: string
}

/** The server that asks, and the ids of the work it knows itself to be at. */
export interface Worker {
  serverId: string
  workIds: string[]
}

/**
 * Whether nobody works on a row any more: its server is this one, which knows nothing of it, or its server is
 * dead. This server may say so of others once its own lease has been good for as long as a lease is, so that
 * after the database was away for all, everybody has time to say that they are still there.
 */
export const isAbandoned = ({ server, work }: WorkColumns, { serverId, workIds }: Worker): RawBuilder<SqlBool> => sql<SqlBool>`(
  case when ${sql.ref(server)} = ${serverId} then ${sql.ref(work)} <> all (${workIds}::text[])
  else not exists (select from servers where servers.id = ${sql.ref(server)} and servers.lease_expires_at > now())
    and exists (select from servers where servers.id = ${serverId} and servers.alive_since <= now() - make_interval(secs => ${LEASE_SECONDS}))
  end)`
