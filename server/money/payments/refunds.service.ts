import { balanceAccount, postTransaction, revenueAccount } from '../billing/index.ts'
import { type AccountId, type Platform, inTransaction } from '#server/platform/core/index.ts'
import * as queries from './chain-payments.queries.ts'

/** How long a payment that arrived, and whose call failed, waits for its credential to come again. */
export const REFUND_AFTER_SECONDS = 24 * 60 * 60

/** How many payments one round gives back. */
const MAX_AT_ONCE = 100

/**
 * Gives payments that were taken for calls that failed, and were not used since, to the balances of the accounts that
 * made them. One that nobody was signed in for stays good for its credential: whom it belongs to is not known.
 */
export async function refundUnusedPayments({ databases: { system } }: Platform): Promise<void> {
  for (const { id } of await queries.listUnused(system, REFUND_AFTER_SECONDS, MAX_AT_ONCE)) {
    await inTransaction(system, async (db) => {
      const payment = await queries.markRefunded(db, id, REFUND_AFTER_SECONDS)
      if (!payment) return
      const { accountId, amountMicroUsd } = payment
      await postTransaction(db, {
        id: `refund:${id}`,
        reason: 'refund',
        entries: [
          { book: revenueAccount, amountMicroUsd: -amountMicroUsd },
          { book: balanceAccount(accountId as AccountId), amountMicroUsd },
        ],
      })
    })
  }
}
