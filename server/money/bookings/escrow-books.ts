import type { Db } from '#db/client.ts'
import type { AccountId } from '#server/platform/core/index.ts'
import { microUsdOfUnits, type TokenUnits } from '#server/platform/money/index.ts'
import { externalAccount, postTransaction, revenueAccount, type LedgerAccount } from '../billing/index.ts'

/** What is held for a booking; as of every book of an account, it is never below zero. */
const escrowBook = (accountId: AccountId, bookingId: string): LedgerAccount => ({ id: `escrow:${bookingId}`, accountId })

/** What is ordered to be paid, and is not in the chain yet. */
const outgoingBook = (chainId: number): LedgerAccount => ({ id: `outgoing:${chainId}`, accountId: null })

const chainBook = (chainId: number): LedgerAccount => externalAccount(`chain:${chainId}`)

const move = (systemDb: Db, id: string, reason: string, from: LedgerAccount, to: LedgerAccount, units: TokenUnits): Promise<void> => {
  const amountMicroUsd = microUsdOfUnits(units)
  const entries = [
    { book: from, amountMicroUsd: -amountMicroUsd },
    { book: to, amountMicroUsd },
  ]
  return postTransaction(systemDb, { id, reason, entries })
}

/** USDC arrived for a booking. */
export const bookDeposit = (
  systemDb: Db,
  accountId: AccountId,
  bookingId: string,
  { chainId, txHash, logIndex, units }: { chainId: number; txHash: string; logIndex: number; units: TokenUnits },
): Promise<void> =>
  move(systemDb, `deposit:${chainId}:${txHash}:${logIndex}`, 'booking deposit', chainBook(chainId), escrowBook(accountId, bookingId), units)

/** Payouts of a booking are ordered. @param what Names the order: a booking has one release, and refunds with numbers. */
export const bookOrder = (
  systemDb: Db,
  accountId: AccountId,
  bookingId: string,
  { what, chainId, units }: { what: string; chainId: number; units: TokenUnits },
): Promise<void> => move(systemDb, `${what}:${bookingId}`, 'booking payout', escrowBook(accountId, bookingId), outgoingBook(chainId), units)

/** A payout is in the chain: it has left this server, but for a fee, which is earned. */
export const bookPayout = (
  systemDb: Db,
  { id, kind, chainId, units }: { id: string; kind: string; chainId: number; units: TokenUnits },
): Promise<void> =>
  move(systemDb, `paid:${id}`, `booking ${kind}`, outgoingBook(chainId), kind === 'fee' ? revenueAccount : chainBook(chainId), units)
