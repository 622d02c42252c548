import { sql } from 'kysely'
import type { Db } from '#db/client.ts'
import type { AccountId } from '../core/context.ts'
import { balanceBook, type Book } from './ledger.books.ts'

const CURRENCY = 'usd-micro'

/** Balance of an account in millionths of a US dollar; 0 before the first entry. */
export async function findBalance(db: Db, accountId: AccountId): Promise<number> {
  const book = await db
    .selectFrom('ledgerBooks')
    .where('accountId', '=', accountId)
    .where('id', '=', balanceBook(accountId).id)
    .select('balance')
    .executeTakeFirst()
  return book?.balance ?? 0
}

/** Makes the books there are not yet. */
export const insertBooks = (systemDb: Db, books: Book[]) =>
  systemDb
    .insertInto('ledgerBooks')
    .values(books.map(({ id, accountId }) => ({ id, accountId, currency: CURRENCY })))
    .onConflict((oc) => oc.doNothing())
    .execute()

/** What a book holds; nobody else changes it until the transaction ends. 0 when there is no such book. */
export async function lockBook(systemDb: Db, { id }: Book): Promise<number> {
  const book = await systemDb.selectFrom('ledgerBooks').where('id', '=', id).select('balance').forUpdate().executeTakeFirst()
  return book?.balance ?? 0
}

export const findTransaction = (systemDb: Db, transactionId: string) =>
  systemDb.selectFrom('ledgerEntries').where('transactionId', '=', transactionId).select('transactionId').executeTakeFirst()

/** Entries are applied to their books in this order. A transaction id that was used before is a unique violation. */
export const insertEntries = (systemDb: Db, transactionId: string, reason: string, entries: { bookId: string; amount: number }[]) =>
  systemDb
    .insertInto('ledgerEntries')
    .values(entries.map((entry) => ({ ...entry, transactionId, reason })))
    .execute()

interface NewHold {
  id: string
  amountMicroUsd: number
  reason: string
}

export const insertHold = (systemDb: Db, accountId: AccountId, hold: NewHold, expiresInSeconds: number) =>
  systemDb
    .insertInto('ledgerHolds')
    .values({ ...hold, accountId, expiresAt: sql<string>`now() + make_interval(secs => ${expiresInSeconds})` })
    .execute()

/** A hold, which nobody else ends until the transaction does. */
export const lockHold = (systemDb: Db, holdId: string) =>
  systemDb
    .selectFrom('ledgerHolds')
    .where('id', '=', holdId)
    .select(['accountId', 'amountMicroUsd', 'takenMicroUsd', 'state'])
    .forUpdate()
    .executeTakeFirst()

export const endHold = (systemDb: Db, holdId: string, state: 'settled' | 'released', takenMicroUsd: number) =>
  systemDb
    .updateTable('ledgerHolds')
    .set({ state, takenMicroUsd, endedAt: sql<string>`now()` })
    .where('id', '=', holdId)
    .execute()

/** Ids of open holds of all accounts: those whose time is over, or all of them. */
export const listOpenHolds = (systemDb: Db, { onlyExpired }: { onlyExpired: boolean }) =>
  systemDb
    .selectFrom('ledgerHolds')
    .where('state', '=', 'open')
    .$if(onlyExpired, (query) => query.where('expiresAt', '<=', sql<string>`now()`))
    .select('id')
    .execute()
