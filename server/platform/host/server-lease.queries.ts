import { sql } from 'kysely'
import type { Db } from '#db/client.ts'

/** Says that a server is alive for so long. How long it has been so without a gap starts anew when it was late. */
export const renewLease = (systemDb: Db, serverId: string, seconds: number) =>
  sql`
    insert into servers as known (id, lease_expires_at, alive_since)
    values (${serverId}, now() + make_interval(secs => ${seconds}), now())
    on conflict (id) do update set lease_expires_at = excluded.lease_expires_at,
      alive_since = case when known.lease_expires_at < now() then now() else known.alive_since end`.execute(systemDb)

/** Says that a server is alive for ever. */
export const holdLease = (systemDb: Db, serverId: string) =>
  sql`insert into servers (id, lease_expires_at, alive_since) values (${serverId}, 'infinity', '-infinity')`.execute(systemDb)

export const forgetServers = (systemDb: Db) => systemDb.deleteFrom('servers').execute()

/** Which of these servers are alive. */
export const findLiving = (systemDb: Db, ids: string[]) =>
  systemDb
    .selectFrom('servers')
    .where('id', 'in', ids)
    .where('leaseExpiresAt', '>', sql<string>`now()`)
    .select('id')
    .execute()

/** Forgets servers that have not been alive for a day. */
export const forgetOldServers = (systemDb: Db) =>
  systemDb
    .deleteFrom('servers')
    .where('leaseExpiresAt', '<', sql<string>`now() - interval '1 day'`)
    .execute()
