import { sql } from 'kysely'
import type { Db } from '#db/client.ts'
import type { AccountId } from '#server/platform/core/index.ts'
import type { MicroUsd } from '#server/platform/money/index.ts'
import { isHolderDead } from '#server/platform/host/index.ts'
import { balanceAccount, type LedgerAccount } from './ledger.accounts.ts'

const CURRENCY = 'usd-micro'

/** Balance of an account in millionths of a US dollar; 0 before the first entry. */
export async function findBalance(db: Db, accountId: AccountId): Promise<MicroUsd> {
  const book = await db
    .selectFrom('ledgerBooks')
    .where('accountId', '=', accountId)
    .where('id', '=', balanceAccount(accountId).id)
    .select('balance')
    .executeTakeFirst()
  return book?.balance ?? 0
}

/** Makes the books there are not yet. */
export const insertBooks = (systemDb: Db, books: LedgerAccount[]) =>
  systemDb
    .insertInto('ledgerBooks')
    .values(books.map(({ id, accountId }) => ({ id, accountId, currency: CURRENCY })))
    .onConflict((oc) => oc.doNothing())
    .execute()

/** What a book holds; nobody else changes it until the transaction ends. 0 when there is no such book. */
export async function lockBook(systemDb: Db, { id }: LedgerAccount): Promise<MicroUsd> {
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
  /** The server on which the call runs. */
  serverId: string
  /** The API key of the call, if that may spend only so much. */
  keyId: string | null
  amountMicroUsd: MicroUsd
  reason: string
}

export const insertHold = (systemDb: Db, accountId: AccountId, hold: NewHold, expiresInSeconds: number) =>
  systemDb
    .insertInto('ledgerHolds')
    .values({ ...hold, accountId, expiresAt: sql<string>`now() + make_interval(secs => ${expiresInSeconds})` })
    .execute()

/** Ends a hold that is open, and takes so much of it, at most all. Undefined when somebody has ended it before. */
export const endOpenHold = (systemDb: Db, holdId: string, state: 'settled' | 'released', amountMicroUsd: MicroUsd) =>
  endHold(systemDb, holdId, state, amountMicroUsd).executeTakeFirst()

const endHold = (systemDb: Db, holdId: string, state: 'settled' | 'released' | 'lapsed', amountMicroUsd: MicroUsd) =>
  systemDb
    .updateTable('ledgerHolds')
    .set({ state, takenMicroUsd: sql<number>`least(amount_micro_usd, ${amountMicroUsd}::int8)`, endedAt: sql<string>`now()` })
    .where('id', '=', holdId)
    .where('state', '=', 'open')
    .returning(['accountId', 'amountMicroUsd', 'takenMicroUsd'])

/** Gives back a hold whose call cannot end any more. Undefined when it has ended, or its server lives. */
export const lapseHold = (systemDb: Db, holdId: string, which: LeftBehind) =>
  endHold(systemDb, holdId, 'lapsed', 0).where(wasLeftBehind(which)).executeTakeFirst()

/** A hold, which nobody else ends until the transaction does. */
export const lockHold = (systemDb: Db, holdId: string) =>
  systemDb
    .selectFrom('ledgerHolds')
    .where('id', '=', holdId)
    .select(['accountId', 'amountMicroUsd', 'takenMicroUsd', 'state'])
    .forUpdate()
    .executeTakeFirst()

/** A hold that had lapsed has an end after all; it has to be locked. */
export const endLapsedHold = (systemDb: Db, holdId: string, state: 'settled' | 'released', takenMicroUsd: number) =>
  systemDb.updateTable('ledgerHolds').set({ state, takenMicroUsd }).where('id', '=', holdId).execute()

/** Which open holds were left behind: all of them, or those whose time is over or whose server is dead, as this server sees it. */
export type LeftBehind = 'all' | { judge: string }

const wasLeftBehind = (which: LeftBehind) =>
  which === 'all' ? sql<boolean>`true` : sql<boolean>`(expires_at <= now() or ${isHolderDead('ledger_holds.server_id', which.judge)})`

/** Ids of open holds of all accounts that were left behind. */
export const listLeftHolds = (systemDb: Db, which: LeftBehind) =>
  systemDb.selectFrom('ledgerHolds').where('state', '=', 'open').where(wasLeftBehind(which)).select('id').execute()
