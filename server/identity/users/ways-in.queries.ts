import { sql } from 'kysely'
import type { Db } from '#db/client.ts'

/**
 * Locks a person until the transaction ends: of callers who count what is theirs before they add to it or take from it, each sees
 * what the one before has done.
 *
 * @param systemDb The application's own connections cannot lock a person's row: they may not change it.
 */
export const lockUser = (systemDb: Db, userId: string) =>
  systemDb.selectFrom('users').where('id', '=', userId).select('id').forNoKeyUpdate().execute()

/** How many ways a person has to sign in: a password, passkeys, and identities elsewhere. */
export async function countWaysIn(systemDb: Db, userId: string): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select (select count(*) from passwords where user_id = ${userId})
         + (select count(*) from passkeys where user_id = ${userId})
         + (select count(*) from identities where user_id = ${userId}) as count`.execute(systemDb)
  return Number(rows[0]!.count)
}
