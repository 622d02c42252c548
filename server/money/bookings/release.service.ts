import type { Db } from '#db/client.ts'
import { accountOf, inTransaction, type AccountContext, type AccountId } from '#server/platform/core/index.ts'
import { microUsdOfUnits, unitsOfMicroUsd, usdcAsNumber, type TokenUnits } from '#server/platform/money/index.ts'
import {
  askChain,
  chainOf,
  hasChain,
  listOfBookings,
  networkOf,
  orderPayouts,
  retryFailed,
  type Due,
  type Payer,
} from '../settlements/index.ts'
import { driveTransfersSoon } from '../transfers/index.ts'
import type { BookingPayout, BookingReleased, GetBooking } from './bookings.contract.ts'
import { BookingNotFunded, BookingPaidOut, EscrowMissing } from './bookings.errors.ts'
import { findBooking } from './bookings.service.ts'
import * as queries from './bookings.queries.ts'
import { duesOf, payoutUnitsOf, statusOf, toPayout } from './bookings.rules.ts'
import { readDeposits } from './deposits.service.ts'
import { bookOrder } from './escrow-books.ts'

/**
 * Pays a booking out, once: what everybody gets, and the fees, are ordered together with the note that they are. They wait for gas at
 * the address of the booking. Calling again tries once more what failed.
 *
 * @throws BookingNotFound; BookingPaidOut; EscrowMissing; BookingNotFunded when too little has arrived; ChainUnreadable
 */
export async function releaseFunds(ctx: AccountContext, { bookingId }: GetBooking): Promise<BookingReleased> {
  const { platform } = ctx
  const booking = await findBooking(ctx, bookingId)
  if (booking.releasedAt !== null) {
    if (!(await retry(ctx, booking))) throw new BookingPaidOut()
  } else {
    if (!hasChain(platform.env)) return simulate(ctx, booking)
    if (booking.escrowKeyId === null) throw new EscrowMissing()
    await askChain(() => readDeposits(platform, booking))
    await release(ctx, booking)
  }
  driveTransfersSoon(platform)
  const shares = (await listOfBookings(ctx.db, accountOf(ctx), [bookingId])).filter(({ kind }) => kind === 'share').map(toPayout)
  const { settledAt } = await findBooking(ctx, bookingId)
  return { ...answerFor(ctx, booking, shares), status: statusOf(shares), releasedAt: settledAt }
}

async function release(ctx: AccountContext, booking: queries.BookingRow): Promise<void> {
  const [{ platform }, accountId, bookingId] = [ctx, accountOf(ctx), booking.id]
  await inTransaction(platform.databases.system, async (db) => {
    // What others did is seen by statements after the one that waited for them.
    await queries.lockBooking(db, bookingId)
    const dues = duesOf(platform.env, booking, await queries.listShares(db, accountId, [bookingId]))
    const needed = sumOf(dues)
    if (!(await queries.markReleased(db, bookingId, microUsdOfUnits(needed)))) await refuse(db, accountId, bookingId, needed)
    await orderPayouts(db, accountId, { bookingId }, payerOf(ctx, booking), dues)
    await bookOrder(db, accountId, bookingId, { what: 'release', chainId: booking.chainId!, units: needed })
  })
}

const sumOf = (dues: Due[]): TokenUnits => dues.reduce((sum, { units }) => sum + units, 0n)

/** @throws BookingPaidOut or BookingNotFunded, whichever it is. */
async function refuse(db: Db, accountId: AccountId, bookingId: string, needed: TokenUnits): Promise<never> {
  const { releasedAt, receivedUnits } = (await queries.findBooking(db, accountId, bookingId))!
  throw releasedAt === null ? new BookingNotFunded(unitsOfMicroUsd(receivedUnits), needed) : new BookingPaidOut()
}

/** Who pays for a booking: its own address, which may still lack ether for gas. */
export const payerOf = ({ platform }: AccountContext, { escrowKeyId, chainId }: queries.BookingRow): Payer => ({
  keyId: escrowKeyId!,
  chainId: chainId!,
  token: chainOf(platform).token,
  waitsForFunds: true,
})

const retry = (ctx: AccountContext, booking: queries.BookingRow): Promise<boolean> =>
  inTransaction(ctx.platform.databases.system, async (db) => {
    await queries.lockBooking(db, booking.id)
    const payouts = await listOfBookings(db, accountOf(ctx), [booking.id])
    return retryFailed(db, payerOf(ctx, booking), { bookingId: booking.id }, payouts)
  })

async function simulate(ctx: AccountContext, booking: queries.BookingRow): Promise<BookingReleased> {
  const shares = await queries.listShares(ctx.db, accountOf(ctx), [booking.id])
  const dues = duesOf(ctx.platform.env, booking, shares).filter(({ kind }) => kind === 'share')
  const payouts = dues.map(({ name, address, units }): BookingPayout => ({
    recipient: name,
    address,
    amount: usdcAsNumber(units),
    status: 'simulated',
  }))
  return { ...answerFor(ctx, booking, payouts), status: 'simulated', releasedAt: null }
}

const answerFor = ({ platform }: AccountContext, booking: queries.BookingRow, splits: BookingPayout[]) => ({
  success: true as const,
  bookingId: booking.id,
  totalPayout: usdcAsNumber(payoutUnitsOf(booking)),
  currency: 'USDC' as const,
  network: networkOf(platform.env),
  splits,
})
