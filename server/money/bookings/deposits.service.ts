import type { Address } from 'viem'
import { AppError, inTransaction, type AccountId, type Platform } from '#server/platform/core/index.ts'
import { microUsdOfUnits } from '#server/platform/money/index.ts'
import { chainOf, hasChain } from '../settlements/index.ts'
import { incomingTransfers } from '../transfers/index.ts'
import * as bookings from './bookings.queries.ts'
import * as deposits from './deposits.queries.ts'
import { bookDeposit } from './escrow-books.ts'

/** How many bookings one round looks at. */
const MAX_AT_ONCE = 200

/**
 * Writes down and books what has arrived for a booking since it was looked at, as deep in the chain as it takes to stay there. Each
 * transfer counts once, whoever looks, and however often.
 *
 * @throws ChainNotConfigured, ChainUnavailable, UnexpectedChain
 */
export async function readDeposits(platform: Platform, booking: bookings.BookingRow): Promise<void> {
  const { id, escrowAddress, nextBlock } = booking
  const accountId = booking.accountId as AccountId
  const { transfers, nextBlock: next } = await incomingTransfers(platform, escrowAddress as Address, BigInt(nextBlock!))
  const nextNumber = Number(next)
  if (nextNumber === nextBlock) return
  await inTransaction(platform.databases.system, async (db) => {
    await bookings.lockBooking(db, id)
    for (const { txHash, logIndex, from, amount, blockNumber } of transfers.filter((transfer) => transfer.amount > 0n)) {
      const deposit = { chainId: booking.chainId!, txHash: txHash.toLowerCase(), logIndex }
      const row = { ...deposit, accountId, bookingId: id, sender: from.toLowerCase(), blockNumber: Number(blockNumber) }
      const isNew = await deposits.insertDeposit(db, { ...row, units: microUsdOfUnits(amount) })
      if (isNew) await bookDeposit(db, accountId, id, { ...deposit, units: amount })
    }
    await deposits.advance(db, id, nextNumber)
    await bookings.confirmFunded(db, id)
  })
}

/** Does that for all bookings that wait for something. A chain that does not answer is asked again the next time. */
export async function watchBookings(platform: Platform): Promise<void> {
  if (!hasChain(platform.env)) return
  const { system } = platform.databases
  for (const booking of await bookings.listWatched(system, chainOf(platform).chainId, MAX_AT_ONCE)) {
    if (platform.shutdown.aborted) return
    try {
      await readDeposits(platform, booking)
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      platform.log.warn({ err: error }, 'could not look for deposits of bookings; it will be tried again')
      return
    }
  }
}
