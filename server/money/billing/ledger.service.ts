import type { Db } from '#db/client.ts'
import { type AccountId, type Platform, newId, inTransaction } from '#server/platform/core/index.ts'
import { requireWhole, type MicroUsd } from '#server/platform/money/index.ts'
import { balanceAccount, holdsAccount, externalAccount, revenueAccount, type LedgerAccount } from './ledger.accounts.ts'
import { HoldEnded, HoldNotFound, InsufficientCredits } from './ledger.errors.ts'
import * as queries from './ledger.queries.ts'

export { balanceAccount, externalAccount, revenueAccount, type LedgerAccount } from './ledger.accounts.ts'
export { InsufficientCredits } from './ledger.errors.ts'

/** A hold nobody has ended after this long is given back though its server lives: longer than any call takes. */
const HOLD_SECONDS = 2 * 60 * 60

/** Money that moves between books; the amounts sum to zero. */
interface Transaction {
  /** Booking the same one twice fails. */
  id: string
  reason: string
  entries: { book: LedgerAccount; amountMicroUsd: MicroUsd }[]
}

/**
 * LedgerAccounts a transaction; nothing happens for entries of 0. LedgerAccounts are locked in the order of their ids, so
 * that two transactions never wait for each other: inside one database transaction, book everything at
 * once, or what has the smaller ids first.
 *
 * @throws RangeError for an amount that is no whole number; the database's error when a book of an account would go below
 * zero, or the id was used before.
 */
export async function postTransaction(systemDb: Db, { id, reason, entries }: Transaction): Promise<void> {
  for (const { amountMicroUsd } of entries) requireWhole(amountMicroUsd)
  const moving = entries.filter(({ amountMicroUsd }) => amountMicroUsd !== 0).sort((a, b) => (a.book.id < b.book.id ? -1 : 1))
  if (moving.length === 0) return
  await queries.insertBooks(
    systemDb,
    moving.map(({ book }) => book),
  )
  const rows = moving.map(({ book, amountMicroUsd }) => ({ bookId: book.id, amount: amountMicroUsd }))
  await queries.insertEntries(systemDb, id, reason, rows)
}

/** Moves money from an account's prepaid balance to a book whose id sorts after it. @throws InsufficientCredits */
export async function debit(
  systemDb: Db,
  accountId: AccountId,
  { id, reason, to, amountMicroUsd }: { id: string; reason: string; to: LedgerAccount; amountMicroUsd: MicroUsd },
): Promise<void> {
  const balance = balanceAccount(accountId)
  const balanceMicroUsd = await queries.lockBook(systemDb, balance)
  if (balanceMicroUsd < amountMicroUsd) throw new InsufficientCredits(balanceMicroUsd, amountMicroUsd)
  const entries = [
    { book: balance, amountMicroUsd: -amountMicroUsd },
    { book: to, amountMicroUsd },
  ]
  await postTransaction(systemDb, { id, reason, entries })
}

/** Money that came in from outside. */
interface Income {
  /** Names the payment for good, such as `chain:4217:0x3b9d…`. */
  transactionId: string
  /** The book it comes from, such as `chain:4217`. */
  fromAccount: string
  amountMicroUsd: MicroUsd
  reason: string
  /** Whose prepaid balance it goes to; null for the platform's revenue. */
  accountId: AccountId | null
}

/**
 * LedgerAccounts money that came in, once per transaction id, whoever it was for. Whoever relies on it has to
 * look at the answer: a payment that was booked before has paid for something else.
 *
 * @returns whether it was booked now.
 */
export async function recordIncome(
  systemDb: Db,
  { transactionId, fromAccount, amountMicroUsd, reason, accountId }: Income,
): Promise<boolean> {
  const from = externalAccount(fromAccount)
  await queries.insertBooks(systemDb, [from])
  // Two that book the same payment take turns here, so the second one sees what the first did.
  await queries.lockBook(systemDb, from)
  if (await queries.findTransaction(systemDb, transactionId)) return false
  const entries = [
    { book: from, amountMicroUsd: -amountMicroUsd },
    { book: accountId === null ? revenueAccount : balanceAccount(accountId), amountMicroUsd },
  ]
  await postTransaction(systemDb, { id: transactionId, reason, entries })
  return true
}

/** Whether money that came in was booked, for whatever it was. */
export const isPosted = async (systemDb: Db, transactionId: string): Promise<boolean> =>
  (await queries.findTransaction(systemDb, transactionId)) !== undefined

/** How a transfer on a chain is called in the ledger, however its hash is written: the same for all that it could pay. */
export const chainPayment = (chainId: number, txHash: string): Pick<Income, 'transactionId' | 'fromAccount'> => ({
  transactionId: `chain:${chainId}:${txHash.toLowerCase()}`,
  fromAccount: `chain:${chainId}`,
})

/**
 * Sets money of an account aside for work that is about to begin. The hold has to be ended with
 * `settleHold` or `releaseHold`. Not for use inside a transaction of the caller's: on the embedded
 * database it would wait for that one for ever; the same goes for ending it.
 *
 * @param keyId The API key that asks, if it may spend only so much.
 * @returns the id of the hold.
 * @throws InsufficientCredits when the balance does not cover it.
 */
export async function reserveCredits(
  platform: Platform,
  accountId: AccountId,
  amountMicroUsd: MicroUsd,
  reason: string,
  keyId: string | null = null,
): Promise<string> {
  const id = newId('hold')
  await inTransaction(platform.databases.system, async (db) => {
    await debit(db, accountId, { id: `reserve:${id}`, reason, to: holdsAccount(accountId), amountMicroUsd })
    await queries.insertHold(db, accountId, { id, serverId: platform.serverId, keyId, amountMicroUsd, reason }, HOLD_SECONDS)
  })
  return id
}

/**
 * Takes so much of what is held, at most all of it, and gives the rest back. Repeating it is harmless. What was given
 * back because this server was taken for dead is taken from the balance again.
 *
 * @throws HoldNotFound; HoldEnded when it was released, or settled with another amount, or was given back and spent.
 */
export const settleHold = (platform: Platform, holdId: string, amountMicroUsd: MicroUsd): Promise<void> =>
  endHold(platform, holdId, 'settled', amountMicroUsd)

/** Gives back what is held. Repeating it is harmless. @throws HoldNotFound; HoldEnded when it was settled. */
export const releaseHold = (platform: Platform, holdId: string): Promise<void> => endHold(platform, holdId, 'released', 0)

const endHold = (platform: Platform, holdId: string, state: 'settled' | 'released', amountMicroUsd: MicroUsd): Promise<void> =>
  inTransaction(platform.databases.system, async (db) => {
    const ended = await queries.endOpenHold(db, holdId, state, amountMicroUsd)
    if (ended) return bookEnd(db, holdId, state, ended)
    const hold = await queries.lockHold(db, holdId)
    if (!hold) throw new HoldNotFound()
    const taken = Math.min(amountMicroUsd, hold.amountMicroUsd)
    if (hold.state === state && hold.takenMicroUsd === taken) return
    if (hold.state !== 'lapsed') throw new HoldEnded(hold.state)
    if (state === 'settled') await takeLate(db, holdId, hold.accountId as AccountId, taken)
    await queries.endLapsedHold(db, holdId, state, taken)
  })

type EndedHold = NonNullable<Awaited<ReturnType<typeof queries.endOpenHold>>>

/** LedgerAccounts what became of a hold: a part is taken, and the rest goes back. */
function bookEnd(db: Db, holdId: string, reason: string, { accountId: owner, amountMicroUsd, takenMicroUsd }: EndedHold): Promise<void> {
  const [accountId, taken] = [owner as AccountId, takenMicroUsd ?? 0]
  return postTransaction(db, {
    id: `end:${holdId}`,
    reason,
    entries: [
      { book: holdsAccount(accountId), amountMicroUsd: -amountMicroUsd },
      { book: revenueAccount, amountMicroUsd: taken },
      { book: balanceAccount(accountId), amountMicroUsd: amountMicroUsd - taken },
    ],
  })
}

/** The server that held it was only slow, and the work was done. @throws HoldEnded when the money is gone meanwhile. */
async function takeLate(db: Db, holdId: string, accountId: AccountId, amountMicroUsd: MicroUsd): Promise<void> {
  try {
    await debit(db, accountId, { id: `late:${holdId}`, reason: 'settled', to: revenueAccount, amountMicroUsd })
  } catch (error) {
    throw error instanceof InsufficientCredits ? new HoldEnded('lapsed') : error
  }
}

/** Gives back holds whose server is dead, or that nobody has ended for hours. */
export const releaseExpiredHolds = (platform: Platform): Promise<void> => lapseHolds(platform, { judge: platform.serverId })

/** Gives back every open hold: for a server that knows it is the only one, when it starts. */
export const releaseInterruptedHolds = (platform: Platform): Promise<void> => lapseHolds(platform, 'all')

async function lapseHolds({ databases: { system } }: Platform, which: queries.LeftBehind): Promise<void> {
  for (const { id } of await queries.listLeftHolds(system, which)) {
    await inTransaction(system, async (db) => {
      const lapsed = await queries.lapseHold(db, id, which)
      if (lapsed) await bookEnd(db, id, 'lapsed', lapsed)
    })
  }
}
