import { sql, type RawBuilder } from 'kysely'
import type { Platform } from './context.ts'
import * as queries from './server-lease.queries.ts'

/** A server that has not said for so long that it lives is taken for dead. */
const LEASE_SECONDS = 30

/** How often it says so: two times may get lost. */
export const RENEW_LEASE_EVERY_MS = 10_000

/** Says that this server lives. */
export const renewServerLease = ({ databases, serverId }: Platform) => queries.renewLease(databases.system, serverId, LEASE_SECONDS)

export const forgetDeadServers = ({ databases }: Platform) => queries.deleteServersOfYesterday(databases.system)

/**
 * A condition: the server a column names is dead. While the database was away nobody could say that they live, so
 * only a server that has done so without a gap for as long as the others are given may judge.
 *
 * @param column name of the column, with that of its table where there are several.
 * @param judge id of the server that asks.
 */
export const isServerDead = (column: string, judge: string): RawBuilder<boolean> => sql<boolean>`(
  ${sql.ref(column)} is not null
  and not exists (select from servers where id = ${sql.ref(column)} and expires_at > now())
  and exists (select from servers where id = ${judge} and expires_at > now() and steady_since <= now() - make_interval(secs => ${LEASE_SECONDS})))`
