import { accountOf, newId, type AccountContext, type Context } from '#server/platform/core/index.ts'
import { basisPointsOf, microUsdOfUnits, usdcAsNumber, usdcUnitsOfNumber } from '#server/platform/money/index.ts'
import type { Entry, PlaceByTime, Slice } from '#server/platform/operations/index.ts'
import { listOfBookings, requireChecksums } from '../settlements/index.ts'
import {
  MAX_LISTED,
  type Booking,
  type CreateBooking,
  type GetBooking,
  type SettlementSimulation,
  type SimulateSettlement,
} from './bookings.contract.ts'
import { BookingNotFound } from './bookings.errors.ts'
import * as queries from './bookings.queries.ts'
import { feesOf, payoutUnitsOf, simulateShares, toBooking, toFees } from './bookings.rules.ts'

const unitsOf = (usdc: number): number => microUsdOfUnits(usdcUnitsOfNumber(usdc))

/** The newest bookings. */
export const listBookings = async (ctx: AccountContext): Promise<Booking[]> =>
  toBookings(ctx, await queries.listBookings(ctx.db, accountOf(ctx), MAX_LISTED))

/** A page of all of them. */
export async function listBookingPage(ctx: AccountContext, _input: object, { after, limit }: Slice<PlaceByTime>) {
  const rows = await queries.listBookings(ctx.db, accountOf(ctx), limit, after)
  const nodes = await toBookings(ctx, rows)
  return rows.map(({ id, place }, index): Entry<Booking, PlaceByTime> => ({ node: nodes[index]!, place: [place, id] }))
}

/** How many there are. */
export const countBookings = (ctx: AccountContext): Promise<number> => queries.countBookings(ctx.db, accountOf(ctx))

/** @throws BookingNotFound */
export async function getBooking(ctx: AccountContext, { bookingId }: GetBooking): Promise<Booking> {
  const [booking] = await toBookings(ctx, [await findBooking(ctx, bookingId)])
  return booking!
}

/** The row of a booking of the caller's. @throws BookingNotFound */
export async function findBooking(ctx: AccountContext, bookingId: string): Promise<queries.BookingRow> {
  const row = await queries.findBooking(ctx.db, accountOf(ctx), bookingId)
  if (!row) throw new BookingNotFound()
  return row
}

async function toBookings(ctx: AccountContext, rows: queries.BookingRow[]): Promise<Booking[]> {
  if (rows.length === 0) return []
  const ids = rows.map(({ id }) => id)
  const shares = Map.groupBy(await queries.listShares(ctx.db, accountOf(ctx), ids), ({ bookingId }) => bookingId)
  const payouts = Map.groupBy(await listOfBookings(ctx.db, accountOf(ctx), ids), ({ bookingId }) => bookingId)
  return rows.map((row) => toBooking(ctx.platform.env, row, shares.get(row.id) ?? [], payouts.get(row.id) ?? []))
}

/** Writes a booking down; nothing is paid. @throws InvalidInput for an address with a wrong checksum */
export async function createBooking(ctx: AccountContext, { booking }: CreateBooking): Promise<Booking> {
  const { venue, date, splitRules } = booking
  await requireChecksums(
    splitRules.map(({ recipientAddress }, index) => [`booking.splitRules.${index}.recipientAddress`, recipientAddress]),
  )
  const id = newId('booking')
  await queries.insertBooking(
    ctx.db,
    accountOf(ctx),
    {
      id,
      venue,
      heldOn: date,
      guaranteeUnits: unitsOf(booking.guarantee),
      backendUnits: unitsOf(booking.backend),
      depositUnits: unitsOf(booking.deposit),
    },
    splitRules.map(({ recipientAddress, percentage, role, name }) => ({
      address: recipientAddress,
      basisPoints: basisPointsOf(percentage),
      role,
      name,
    })),
  )
  return getBooking(ctx, { bookingId: id })
}

/** Calculates what the usual people would get; nothing is stored. */
export async function simulateSettlement({ platform }: Context, { booking }: SimulateSettlement): Promise<SettlementSimulation> {
  const amounts = { guaranteeUnits: unitsOf(booking.guarantee), backendUnits: unitsOf(booking.backend) }
  const units = payoutUnitsOf(amounts)
  return {
    success: true,
    input: booking,
    totalPayout: usdcAsNumber(units),
    currency: 'USDC',
    splits: simulateShares(units),
    fees: toFees(feesOf(platform.env, amounts)),
    timeline: { deposit: 'Now', remainder: 'Within 7 days of the gig' },
  }
}
