import type { Db } from '#db/client.ts'
import type { AccountId } from '../core/context.ts'

const CURRENCY = 'credits'
const creditBook = (accountId: AccountId) => `credits:${accountId}`
const ISSUED_BOOK = 'issued:credits'

/** Balance of an account in credits; 0 before the first entry. */
export async function findCreditBalance(db: Db, accountId: AccountId): Promise<number> {
  const book = await db
    .selectFrom('ledgerBooks')
    .where('accountId', '=', accountId)
    .where('id', '=', creditBook(accountId))
    .select('balance')
    .executeTakeFirst()
  return book?.balance ?? 0
}

/**
 * Issues credits to accounts in one ledger transaction: what they gain, the platform's book of issued
 * credits loses. The transaction id is the caller's, so booking the same thing twice fails.
 */
export async function insertCredit(
  systemDb: Db,
  transactionId: string,
  reason: string,
  credits: { accountId: AccountId; amount: number }[],
): Promise<void> {
  const books = [
    { id: ISSUED_BOOK, accountId: null, currency: CURRENCY },
    ...credits.map(({ accountId }) => ({ id: creditBook(accountId), accountId, currency: CURRENCY })),
  ]
  await systemDb
    .insertInto('ledgerBooks')
    .values(books)
    .onConflict((oc) => oc.doNothing())
    .execute()
  const total = credits.reduce((sum, { amount }) => sum + amount, 0)
  const entries = [
    ...credits.map(({ accountId, amount }) => ({ bookId: creditBook(accountId), amount })),
    { bookId: ISSUED_BOOK, amount: -total },
  ]
  await systemDb
    .insertInto('ledgerEntries')
    .values(entries.map((entry) => ({ ...entry, transactionId, reason })))
    .execute()
}
