import { sql } from 'kysely'
import type { Db } from '#db/client.ts'

/** Keeps a checkout for whoever turns out to have the address. @returns whether it was not kept yet. */
export async function insertUnclaimed(systemDb: Db, checkoutId: string, email: string): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await systemDb
    .insertInto('unclaimedCheckouts')
    .values({ checkoutId, email: email.toLowerCase() })
    .onConflict((oc) => oc.doNothing())
    .executeTakeFirst()
  return numInsertedOrUpdatedRows === 1n
}

export const deleteUnclaimed = (systemDb: Db, checkoutId: string) =>
  systemDb.deleteFrom('unclaimedCheckouts').where('checkoutId', '=', checkoutId).execute()

/** Ids of the checkouts that are kept for an address. */
export async function listUnclaimed(systemDb: Db, email: string): Promise<string[]> {
  const rows = await systemDb
    .selectFrom('unclaimedCheckouts')
    .where('email', '=', email.toLowerCase())
    .select('checkoutId')
    .orderBy('checkoutId')
    .execute()
  return rows.map(({ checkoutId }) => checkoutId)
}

/** Ids of checkouts that are kept for addresses somebody has proved to be theirs. */
export async function listClaimable(systemDb: Db, limit: number): Promise<string[]> {
  const rows = await systemDb
    .selectFrom('unclaimedCheckouts')
    .innerJoin('users', (join) => join.on(sql`lower(users.email)`, '=', sql.ref('unclaimedCheckouts.email')))
    .where('users.emailVerifiedAt', 'is not', null)
    .where('users.deletedAt', 'is', null)
    .select('checkoutId')
    .orderBy('checkoutId')
    .limit(limit)
    .execute()
  return rows.map(({ checkoutId }) => checkoutId)
}

/** Forgets whose payment it was when nobody has come for so long. */
export const deleteOldUnclaimed = (systemDb: Db, days: number) =>
  systemDb
    .deleteFrom('unclaimedCheckouts')
    .where('createdAt', '<', sql<string>`now() - make_interval(days => ${days})`)
    .execute()
