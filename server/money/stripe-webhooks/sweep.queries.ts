import { sql } from 'kysely'
import type { Db } from '#db/client.ts'

/**
 * Claims the next sweep. Of all servers one gets it, and none when the last began less than so many seconds ago.
 *
 * @returns until when events were looked at, ISO 8601; undefined when there is nothing to do yet.
 */
export async function claimSweep(systemDb: Db, everySeconds: number, firstDays: number): Promise<string | undefined> {
  const { rows } = await sql<{ sweptUntil: string }>`
    insert into stripe_sweeps (id, swept_until, claimed_at) values (1, now() - make_interval(days => ${firstDays}), now())
    on conflict (id) do update set claimed_at = now() where stripe_sweeps.claimed_at <= now() - make_interval(secs => ${everySeconds})
    returning swept_until`.execute(systemDb)
  return rows[0]?.sweptUntil
}

/** Everything that happened before that time was looked at. */
export const setSweptUntil = (systemDb: Db, until: string) =>
  systemDb
    .updateTable('stripeSweeps')
    .set({ sweptUntil: sql<string>`greatest(swept_until, ${until})` })
    .execute()
