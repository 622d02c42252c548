import { z } from 'zod'
import { bind, type ActionBindings } from '#server/platform/operations/index.ts'
import * as contract from './bookings.contract.ts'
import { bookings } from './bookings.operations.ts'

const tag = 'skills'
const success = { success: true as const }

const BookingListAnswer = z.object({ success: z.literal(true), bookings: contract.BookingList }).meta({ id: 'BookingListAnswer' })
const BookingAnswer = z.object({ success: z.literal(true), booking: contract.Booking }).meta({ id: 'BookingAnswer' })

const bookingId = contract.GetBooking.shape.bookingId
const Body = z.union([
  z.object({ action: z.literal('list') }),
  z.object({ action: z.literal('get'), bookingId }),
  z.object({ action: z.literal('create'), ...contract.CreateBooking.shape }),
  z.object({ action: z.literal('create_escrow'), bookingId }),
  z.object({ action: z.literal('release_funds'), bookingId }),
  z.object({ action: z.literal('refund_deposits'), bookingId }),
  z.object({ action: z.literal('simulate_settlement'), ...contract.SimulateSettlement.shape }),
])

export const describeBookingSettlement = bind({ id: 'describeBookingSettlement', tag, operation: bookings.describe })

/** `POST /api/skills/booking-settlement`: what one can do with bookings, by `action`. */
export const settleBooking: ActionBindings = {
  from: 'body',
  fallback: '',
  document: {
    id: 'settleBooking',
    tag,
    summary: 'Hold and settle booking money',
    description:
      'A transaction hash is there only when a transaction was sent. Where this server has no chain, the status is `simulated` and nothing moves. A booking is paid out once.',
    body: Body,
    output: z.union([
      BookingListAnswer,
      BookingAnswer,
      contract.EscrowCreated,
      contract.BookingReleased,
      contract.DepositsRefunded,
      contract.SettlementSimulation,
    ]),
  },
  actions: {
    list: bind({
      id: 'listBookings',
      tag,
      operation: bookings.list,
      output: BookingListAnswer,
      body: (list) => ({ ...success, bookings: list }),
    }),
    get: bind({
      id: 'getBooking',
      tag,
      operation: bookings.get,
      output: BookingAnswer,
      body: (booking) => ({ ...success, booking }),
      errors: [404],
    }),
    create: bind({
      id: 'createBooking',
      tag,
      operation: bookings.create,
      output: BookingAnswer,
      body: (booking) => ({ ...success, booking }),
    }),
    create_escrow: bind({ id: 'createBookingEscrow', tag, operation: bookings.createEscrow, errors: [404, 502] }),
    release_funds: bind({ id: 'releaseBookingFunds', tag, operation: bookings.release, errors: [404, 409, 502] }),
    refund_deposits: bind({ id: 'refundBookingDeposits', tag, operation: bookings.refund, errors: [404, 409, 502] }),
    simulate_settlement: bind({ id: 'simulateBookingSettlement', tag, operation: bookings.simulate }),
  },
}
