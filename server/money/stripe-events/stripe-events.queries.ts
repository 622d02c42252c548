import { sql } from 'kysely'
import type { Db } from '#db/client.ts'

/** Writes an event down. @returns false when it was there before. */
export async function insertEvent(systemDb: Db, id: string, type: string, happenedAt: string): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await systemDb
    .insertInto('stripeEvents')
    .values({ id, type, happenedAt })
    .onConflict((oc) => oc.doNothing())
    .executeTakeFirst()
  return numInsertedOrUpdatedRows === 1n
}

export const findEvent = (systemDb: Db, id: string) =>
  systemDb.selectFrom('stripeEvents').where('id', '=', id).select('id').executeTakeFirst()

/** Takes the next number for a look at a thing of Stripe's. */
export async function takeNumber(systemDb: Db, id: string): Promise<number> {
  const { looks } = await systemDb
    .insertInto('stripeObjects')
    .values({ id, looks: 1 })
    .onConflict((oc) => oc.column('id').doUpdateSet({ looks: sql<number>`stripe_objects.looks + 1` }))
    .returning('looks')
    .executeTakeFirstOrThrow()
  return looks
}

/**
 * Claims the right to write what was seen with that number, and keeps others from writing until the transaction ends.
 *
 * @returns false when somebody has written who looked later.
 */
export async function claimWrite(systemDb: Db, id: string, number: number): Promise<boolean> {
  const { numUpdatedRows } = await systemDb
    .updateTable('stripeObjects')
    .set({ written: number })
    .where('id', '=', id)
    .where('written', '<', number)
    .executeTakeFirst()
  return numUpdatedRows === 1n
}

/** Removes events that Stripe would not send, nor list, any more. */
export const deleteOldEvents = (systemDb: Db, days: number) =>
  systemDb
    .deleteFrom('stripeEvents')
    .where('receivedAt', '<', sql<string>`now() - make_interval(days => ${days})`)
    .execute()
