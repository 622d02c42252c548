import type { Db } from '#db/client.ts'
import { accountOf, inTransaction, type AccountContext, type AccountId } from '#server/platform/core/index.ts'
import { unitsOfMicroUsd } from '#server/platform/money/index.ts'
import { askChain, hasChain, listOfBookings, nextPosition, orderPayouts, retryFailed, type Due } from '../settlements/index.ts'
import { driveTransfersSoon } from '../transfers/index.ts'
import type { DepositsRefunded, GetBooking } from './bookings.contract.ts'
import { findBooking } from './bookings.service.ts'
import * as queries from './bookings.queries.ts'
import { toPayout } from './bookings.rules.ts'
import * as deposits from './deposits.queries.ts'
import { readDeposits } from './deposits.service.ts'
import { bookOrder } from './escrow-books.ts'
import { payerOf } from './release.service.ts'

/**
 * Sends back what a booking does not need, to the addresses it came from, what came last first: everything before it is released,
 * and what is too much or came too late after that. Refunds that failed are tried once more.
 *
 * @returns all refunds of the booking; none where there is nothing to send back, or no chain.
 * @throws BookingNotFound; ChainUnreadable
 */
export async function refundDeposits(ctx: AccountContext, { bookingId }: GetBooking): Promise<DepositsRefunded> {
  const { platform } = ctx
  const booking = await findBooking(ctx, bookingId)
  if (hasChain(platform.env) && booking.escrowKeyId !== null) await refund(ctx, booking)
  return { success: true, bookingId, refunds: (await listRefunds(ctx.db, accountOf(ctx), bookingId)).map(toPayout) }
}

async function refund(ctx: AccountContext, booking: queries.BookingRow): Promise<void> {
  const [{ platform }, bookingId] = [ctx, booking.id]
  await askChain(() => readDeposits(platform, booking))
  await inTransaction(platform.databases.system, async (db) => {
    await queries.lockBooking(db, bookingId)
    const refunds = await listRefunds(db, accountOf(ctx), bookingId)
    await retryFailed(db, payerOf(ctx, booking), { bookingId }, refunds)
    const dues = await takeBack(db, bookingId)
    if (dues.length === 0) return
    const position = await nextPosition(db, bookingId)
    await orderPayouts(db, accountOf(ctx), { bookingId }, payerOf(ctx, booking), dues, position)
    await bookRefund(db, accountOf(ctx), booking, position, dues)
    await queries.confirmFunded(db, bookingId)
  })
  driveTransfersSoon(platform)
}

const listRefunds = async (db: Db, accountId: AccountId, bookingId: string) =>
  (await listOfBookings(db, accountId, [bookingId])).filter(({ kind }) => kind === 'refund')

/** Takes what is not needed out of the deposits of a locked booking. @returns whom it goes to */
async function takeBack(systemDb: Db, bookingId: string): Promise<Due[]> {
  const all = await deposits.listDeposits(systemDb, bookingId)
  const ordered = await deposits.sumOrdered(systemDb, bookingId)
  let left = all.reduce((sum, { leftUnits }) => sum + leftUnits, 0) - ordered
  const dues: Due[] = []
  for (const deposit of all) {
    const units = Math.min(left, deposit.leftUnits)
    if (units <= 0) break
    await deposits.addRefund(systemDb, deposit, units)
    dues.push({ kind: 'refund', name: 'Refund', address: deposit.sender, units: unitsOfMicroUsd(units) })
    left -= units
  }
  return dues
}

const bookRefund = (db: Db, accountId: AccountId, { id, chainId }: queries.BookingRow, position: number, dues: Due[]): Promise<void> =>
  bookOrder(db, accountId, id, {
    what: `refund-${position}`,
    chainId: chainId!,
    units: dues.reduce((sum, { units }) => sum + units, 0n),
  })
