import { recordIncome } from '../../server/money/billing/ledger.service.ts'
import type { AccountId, Platform } from '../../server/platform/core/context.ts'

let payments = 0

/** Pays into an account's prepaid balance, in millionths of a US dollar, as if the money had come in from outside. */
export const payIn = (platform: Platform, accountId: string, amountMicroUsd: number): Promise<boolean> =>
  platform.databases.system.transaction().execute((db) =>
    recordIncome(db, {
      transactionId: `test:${++payments}`,
      fromAccount: 'test',
      amountMicroUsd,
      reason: 'paid in by a test',
      accountId: accountId as AccountId,
    }),
  )

/** What a book holds, in millionths of a US dollar; 0 when there is none. */
export async function bookOf({ databases }: Platform, id: string): Promise<number> {
  const book = await databases.system.selectFrom('ledgerBooks').where('id', '=', id).select('balance').executeTakeFirst()
  return book?.balance ?? 0
}
