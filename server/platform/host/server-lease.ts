import { sql, type RawBuilder, type SqlBool } from 'kysely'
import type { Db } from '#db/client.ts'
import type { Platform } from '../core/index.ts'
import { LeaseRenewal } from '../flow/index.ts'
import * as queries from './server-lease.queries.ts'

/** A server that has not said for this long that it is alive counts as dead: what it worked on is free for others. */
const LEASE_SECONDS = 4
/** Three may be late or lost before the lease runs out. */
const RENEW_EVERY_MS = 1000

/**
 * Says in the database that this server is alive, until it stops. What a server works on names it, so that
 * others see when nobody works on it any more. On the embedded database nobody else can be there to ask.
 */
export async function keepServerLease(platform: Platform): Promise<void> {
  const {
    env,
    databases: { system },
    serverId,
    log,
    beforeClose,
  } = platform
  if (!env.DATABASE_URL) {
    await queries.forgetServers(system)
    await queries.holdLease(system, serverId)
    return
  }
  await queries.forgetOldServers(system)
  await renewServerLease(platform)
  const renewal = new LeaseRenewal({
    everyMs: RENEW_EVERY_MS,
    renew: () => renewServerLease(platform),
    onFailure: (error) => log.warn({ err: error }, 'could not say that this server is alive'),
  })
  renewal.start()
  beforeClose(async () => renewal.stop())
}

/** Which of these servers are alive, by their own word. */
export const listLivingServers = async (systemDb: Db, ids: string[]): Promise<string[]> =>
  (await queries.findLiving(systemDb, ids)).map(({ id }) => id)

/** Says that this server is alive from now on for as long as a lease is. */
export const renewServerLease = ({ databases, serverId }: Platform) => queries.renewLease(databases.system, serverId, LEASE_SECONDS)

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
 * Whether the server a column names is dead. This server may say so of others once its own lease has been good for
 * as long as theirs are, so that after the database was away for all, everybody has time to say that they are still there.
 *
 * @param column Name of the column, with that of its table where there are several.
 * @param judge Id of the server that asks.
 * @param graceSeconds How long its lease has to be over.
 */
const isServerDead = (column: string, judge: string, graceSeconds = 0): RawBuilder<SqlBool> => sql<SqlBool>`(
  not exists (
    select from servers where servers.id = ${sql.ref(column)} and servers.lease_expires_at > now() - make_interval(secs => ${graceSeconds}))
  and exists (
    select from servers where servers.id = ${judge} and servers.alive_since <= now() - make_interval(secs => ${LEASE_SECONDS + graceSeconds})))`

/** What must not be taken from a server that only stood still for a while is given up later, but within a minute. */
const CAREFUL_GRACE_SECONDS = 26

/** Whether the server that a column names, if any, has been dead for so long that it will hardly come back: for money it has set aside. */
export const isHolderDead = (column: string, judge: string): RawBuilder<SqlBool> =>
  sql<SqlBool>`(${sql.ref(column)} is not null and ${isServerDead(column, judge, CAREFUL_GRACE_SECONDS)})`

/** Whether nobody works on a row any more: its server is this one, which knows nothing of it, or its server is dead. */
export const isAbandoned = ({ server, work }: WorkColumns, { serverId, workIds }: Worker): RawBuilder<SqlBool> => sql<SqlBool>`(
  case when ${sql.ref(server)} = ${serverId} then ${sql.ref(work)} <> all (${workIds}::text[])
  else ${isServerDead(server, serverId)} end)`
