import { z } from 'zod'
import { evmAddress, timestamp } from '#server/platform/core/common.contract.ts'
import { nameText } from '#server/platform/core/texts.contract.ts'
import { WHOLE_BASIS_POINTS, basisPointsOf, isPercentNumber } from '#server/platform/money/percent.contract.ts'
import { payoutFields, percentNumber, SettlementStatus, usdcNumber } from '../settlements/settlements.contract.ts'

/** Most bookings in one answer. */
export const MAX_LISTED = 100
/** Most people a booking is shared among. */
const MAX_SHARES = 20

const BookingRef = { bookingId: z.string().min(1).describe('Id of the booking.') }
const success = z.literal(true).describe('Always true: a failure is an error instead.')

const Role = z.enum(['artist', 'manager', 'agent', 'venue']).meta({
  id: 'BookingRole',
  description: 'What somebody does who has a share of a booking.',
  'x-enumDescriptions': { artist: 'Plays.', manager: 'Manages the artist.', agent: 'Arranged the booking.', venue: 'Has the place.' },
})

export const BookingSplitRule = z
  .object({
    recipientAddress: evmAddress.describe('Where the share is paid to, on Base.'),
    percentage: percentNumber.describe('Percent of what is paid out, with at most two decimals.'),
    role: Role,
    name: nameText(100).describe('Who it is.'),
  })
  .meta({ id: 'BookingSplitRule', description: 'The share somebody has of a booking.' })
export type BookingSplitRule = z.infer<typeof BookingSplitRule>

const BookingStatus = z.enum(['pending', 'confirmed', 'completed', 'settled']).meta({
  id: 'BookingStatus',
  description: 'How far the money of a booking is.',
  'x-enumDescriptions': {
    pending: 'The deposit has not arrived.',
    confirmed: 'The deposit has arrived.',
    completed: 'It is released: the payouts are on their way.',
    settled: 'Every payout is in the chain.',
  },
})

export const BookingPayout = z
  .object({ ...payoutFields, address: evmAddress.describe('The address that is paid.'), amount: z.number().min(0).describe('USDC.') })
  .meta({ id: 'BookingPayout', description: 'One payout of a booking. A hash is there only with status `completed`.' })
export type BookingPayout = z.infer<typeof BookingPayout>

export const BookingFees = z
  .object({
    transaction: z.number().min(0).describe('USDC: 0.5 % of guarantee and backend.'),
    escrow: z.number().min(0).describe('USDC: 1 % of the guarantee.'),
    total: z.number().min(0).describe('USDC that have to be there besides what is paid out.'),
  })
  .meta({ id: 'BookingFees', description: 'What this server takes for a booking; nothing where its operator takes no fees.' })
export type BookingFees = z.infer<typeof BookingFees>

export const Booking = z
  .object({
    id: z.string().describe('Its id.'),
    venue: z.string().describe('Where it is.'),
    date: z.string().meta({ format: 'date' }).describe('The day of it.'),
    guarantee: z.number().min(0).describe('USDC that are paid in any case.'),
    backend: z.number().min(0).describe('USDC that are paid besides.'),
    deposit: z.number().min(0).describe('USDC that are paid in advance.'),
    status: BookingStatus,
    splitRules: z.array(BookingSplitRule).max(MAX_SHARES).describe('Who gets how much.'),
    escrowAddress: evmAddress.nullable().describe('Where its money is held; null before there is such an address.'),
    received: z.number().min(0).describe('USDC that arrived there and were not sent back.'),
    fees: BookingFees,
    payouts: z.array(BookingPayout).max(1000).describe('What was ordered to be paid: shares, fees and what was sent back.'),
    releasedAt: timestamp.nullable().describe('When its money was released; null before that.'),
  })
  .meta({ id: 'Booking', description: 'A booking, and the money of it.' })
export type Booking = z.infer<typeof Booking>

export const ListBookings = z.object({})
export const BookingList = z.array(Booking).max(MAX_LISTED)

export const GetBooking = z.object(BookingRef)
export type GetBooking = z.infer<typeof GetBooking>

const isWhole = (rules: { percentage: number }[]): boolean =>
  !rules.every(({ percentage }) => isPercentNumber(percentage)) ||
  rules.reduce((sum, { percentage }) => sum + basisPointsOf(percentage), 0) === WHOLE_BASIS_POINTS

const NewBooking = z
  .object({
    venue: nameText(100).describe('Where it is, 1 to 100 characters.'),
    date: z.iso.date().describe('The day of it, such as `2026-07-18`.'),
    guarantee: usdcNumber.describe('USDC that are paid in any case.'),
    backend: usdcNumber.default(0).describe('USDC that are paid besides.'),
    deposit: usdcNumber.default(0).describe('USDC that are paid in advance.'),
    splitRules: z
      .array(BookingSplitRule)
      .min(1)
      .max(MAX_SHARES)
      .refine(isWhole, 'expected percentages that add up to 100')
      .describe('Who gets how much; together 100 percent.'),
  })
  .meta({ id: 'NewBooking', description: 'A booking that is to be made.' })

export const CreateBooking = z.object({ booking: NewBooking })
export type CreateBooking = z.output<typeof CreateBooking>

export const EscrowCreated = z
  .object({
    success,
    bookingId: z.string().describe('Id of the booking.'),
    escrowAddress: evmAddress.nullable().describe('Where to pay; null on a server without a chain.'),
    depositAmount: z.number().min(0).describe('USDC of the deposit.'),
    status: SettlementStatus,
    message: z.string().describe('What to do next, for people.'),
  })
  .meta({ id: 'BookingEscrow', description: 'Where the money of a booking is paid to.' })
export type EscrowCreated = z.infer<typeof EscrowCreated>

export const BookingReleased = z
  .object({
    success,
    bookingId: z.string().describe('Id of the booking.'),
    totalPayout: z.number().min(0).describe('USDC: guarantee and backend.'),
    currency: z.literal('USDC').describe('Always USDC.'),
    network: z.string().describe('The chain.'),
    releasedAt: timestamp.nullable().describe('When every payout was in the chain; null before that.'),
    splits: z.array(BookingPayout).max(MAX_SHARES).describe('What each one gets.'),
    status: SettlementStatus,
  })
  .meta({ id: 'BookingRelease', description: 'The payouts of a booking.' })
export type BookingReleased = z.infer<typeof BookingReleased>

export const DepositsRefunded = z
  .object({
    success,
    bookingId: z.string().describe('Id of the booking.'),
    refunds: z.array(BookingPayout).max(1000).describe('All that was or is sent back, to where it came from.'),
  })
  .meta({ id: 'BookingRefund', description: 'Deposits that go back.' })
export type DepositsRefunded = z.infer<typeof DepositsRefunded>

const amounts = { guarantee: usdcNumber.default(0), backend: usdcNumber.default(0), deposit: usdcNumber.default(0) }

export const SimulateSettlement = z.object({
  booking: z
    .object({
      guarantee: amounts.guarantee.describe('USDC that are paid in any case.'),
      backend: amounts.backend.describe('USDC that are paid besides.'),
      deposit: amounts.deposit.describe('USDC that are paid in advance.'),
    })
    .meta({ id: 'SimulatedBooking', description: 'Amounts to calculate with.' })
    .default({ guarantee: 0, backend: 0, deposit: 0 }),
})
export type SimulateSettlement = z.output<typeof SimulateSettlement>

export const SettlementSimulation = z
  .object({
    success,
    input: z
      .object({
        guarantee: z.number().min(0).describe('USDC.'),
        backend: z.number().min(0).describe('USDC.'),
        deposit: z.number().min(0).describe('USDC.'),
      })
      .meta({ id: 'SettlementAmounts', description: 'What was calculated with.' }),
    totalPayout: z.number().min(0).describe('USDC: guarantee and backend.'),
    currency: z.literal('USDC').describe('Always USDC.'),
    splits: z
      .array(
        z
          .object({ role: z.string().describe('Who.'), percentage: z.number().describe('Percent.'), amount: z.number().describe('USDC.') })
          .meta({ id: 'SimulatedShare', description: 'What one would get.' }),
      )
      .max(MAX_SHARES)
      .describe('The usual shares.'),
    fees: BookingFees,
    timeline: z
      .object({ deposit: z.string().describe('When that is due.'), remainder: z.string().describe('When the rest is due.') })
      .meta({ id: 'SettlementTimeline', description: 'When money is due, for people.' }),
  })
  .meta({ id: 'SettlementSimulation', description: 'A calculation: nothing is stored and nothing is paid.' })
export type SettlementSimulation = z.infer<typeof SettlementSimulation>
