import { sql } from 'kysely'
import type { Db } from '#db/client.ts'

interface NewTopUp {
  sessionId: string
  accountId: string
  address: string
  paymentIntentId: string | null
  creditedMicroUsd: number
}

/** @returns false when it was there before. */
export async function insertTopUp(systemDb: Db, row: NewTopUp): Promise<boolean> {
  const inserted = await systemDb
    .insertInto('walletTopUps')
    .values(row)
    .onConflict((conflict) => conflict.column('sessionId').doNothing())
    .returning('sessionId')
    .executeTakeFirst()
  return inserted !== undefined
}

/** Whom a payment has credited. */
export const findPayee = (systemDb: Db, paymentIntentId: string) =>
  systemDb.selectFrom('walletTopUps').where('paymentIntentId', '=', paymentIntentId).select('accountId').executeTakeFirst()

/** Locked until the transaction ends. */
export const lockTopUp = (systemDb: Db, paymentIntentId: string) =>
  systemDb
    .selectFrom('walletTopUps')
    .where('paymentIntentId', '=', paymentIntentId)
    .select(['sessionId', 'creditedMicroUsd', 'reversedMicroUsd', 'unrecoveredMicroUsd', 'reversals'])
    .forUpdate()
    .executeTakeFirstOrThrow()

export const setReversed = (systemDb: Db, sessionId: string, reversedMicroUsd: number, unrecoveredMicroUsd: number) =>
  systemDb
    .updateTable('walletTopUps')
    .set({ reversedMicroUsd, unrecoveredMicroUsd, reversals: sql<number>`reversals + 1` })
    .where('sessionId', '=', sessionId)
    .execute()
