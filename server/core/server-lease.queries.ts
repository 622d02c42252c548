import { sql } from 'kysely'
import type { Db } from '#db/client.ts'

const inSeconds = (seconds: number) => sql<string>`now() + make_interval(secs => ${seconds})`

/** Says that a server lives. After a gap it is steady only from now on. */
export const renewLease = (systemDb: Db, id: string, seconds: number) =>
  systemDb
    .insertInto('servers')
    .values({ id, expiresAt: inSeconds(seconds) })
    .onConflict((oc) =>
      oc.column('id').doUpdateSet({
        expiresAt: inSeconds(seconds),
        steadySince: sql<string>`case when servers.expires_at > now() then servers.steady_since else now() end`,
      }),
    )
    .execute()

export const deleteServersOfYesterday = (systemDb: Db) =>
  systemDb
    .deleteFrom('servers')
    .where('expiresAt', '<', sql<string>`now() - interval '1 day'`)
    .execute()
