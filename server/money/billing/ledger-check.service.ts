import type { Db } from '#db/client.ts'
import { countLedger, findLedgerProblems, type LedgerProblem } from './ledger-check.queries.ts'

/** What a walk through the books found. */
export interface LedgerCheck {
  books: number
  transactions: number
  entries: number
  problems: LedgerProblem[]
}

/**
 * Proves that the books are right, as they are at one moment: each transaction sums to zero, each balance is the sum of its entries,
 * no account is below zero, books of holds and of payment sessions hold what those say, payments, refunds and referral
 * credits are booked, and the triggers that see to it are in place.
 */
export const checkLedger = (systemDb: Db): Promise<LedgerCheck> =>
  systemDb
    .transaction()
    .setIsolationLevel('repeatable read')
    .execute(async (db) => ({ ...(await countLedger(db)), problems: await findLedgerProblems(db) }))
