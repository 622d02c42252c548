import { sql } from 'kysely'
import type { Db } from '#db/client.ts'
import type { AccountId } from '#server/platform/core/index.ts'

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

const columns = ['sessionId as id', 'creditedMicroUsd', 'reversedMicroUsd', 'unrecoveredMicroUsd', 'reversals'] as const

/** Locked until the transaction ends. */
export const lockTopUp = (systemDb: Db, paymentIntentId: string) =>
  systemDb.selectFrom('walletTopUps').where('paymentIntentId', '=', paymentIntentId).select(columns).forUpdate().executeTakeFirstOrThrow()

/** Top-ups of an account that were given back after their credit was spent. */
export const lockUnrecovered = (systemDb: Db, accountId: AccountId) =>
  systemDb
    .selectFrom('walletTopUps')
    .where('accountId', '=', accountId)
    .where('unrecoveredMicroUsd', '>', 0)
    .orderBy('sessionId')
    .select(columns)
    .forUpdate()
    .execute()

/** How much of those is still owed, in millionths of a US dollar. */
export async function sumUnrecovered(db: Db, accountId: AccountId): Promise<number> {
  const { sum } = await db
    .selectFrom('walletTopUps')
    .where('accountId', '=', accountId)
    .select(sql<number>`coalesce(sum(unrecovered_micro_usd), 0)::int8`.as('sum'))
    .executeTakeFirstOrThrow()
  return sum
}

export const setReversed = (systemDb: Db, sessionId: string, reversedMicroUsd: number, unrecoveredMicroUsd: number) =>
  systemDb
    .updateTable('walletTopUps')
    .set({ reversedMicroUsd, unrecoveredMicroUsd, reversals: sql<number>`reversals + 1` })
    .where('sessionId', '=', sessionId)
    .execute()
