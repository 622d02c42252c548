import { sql } from 'kysely'
import type { Db } from '#db/client.ts'

/** How many ways a person has to sign in: a password, passkeys, and identities elsewhere. */
export async function countWaysIn(systemDb: Db, userId: string): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select (select count(*) from passwords where user_id = ${userId})
         + (select count(*) from passkeys where user_id = ${userId})
         + (select count(*) from identities where user_id = ${userId}) as count`.execute(systemDb)
  return Number(rows[0]!.count)
}
