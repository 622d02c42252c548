import { defineList, defineMutation, defineQuery, definePages, placeByTime } from '#server/platform/operations/index.ts'
import { DescribeSkill, SkillCard } from '../settlements/settlements.contract.ts'
import * as contract from './bookings.contract.ts'
import { examples } from './bookings.examples.ts'
import * as service from './bookings.service.ts'
import { createEscrow } from './escrow.service.ts'
import { refundDeposits } from './refund.service.ts'
import { releaseFunds } from './release.service.ts'
import { describeBookings } from './skill-card.service.ts'

const reading = { access: 'account', scope: 'payments:read', bucket: 'general' } as const
const writing = { access: 'account', scope: 'payments:write', bucket: 'general', idempotent: true } as const

export const bookings = {
  list: defineList({
    ...reading,
    name: 'bookings.list',
    summary: 'List bookings',
    description: 'The newest 100, with how far their money is.',
    input: contract.ListBookings,
    output: contract.BookingList,
    pages: definePages({
      input: contract.ListBookings,
      node: contract.Booking,
      place: placeByTime,
      list: service.listBookingPage,
      count: service.countBookings,
    }),
    example: examples.list,
    run: service.listBookings,
  }),
  get: defineQuery({
    ...reading,
    name: 'bookings.get',
    summary: 'Get a booking',
    input: contract.GetBooking,
    output: contract.Booking,
    example: examples.get,
    run: service.getBooking,
  }),
  create: defineMutation({
    ...writing,
    name: 'bookings.create',
    summary: 'Store a booking',
    description: 'With who gets how much. Nothing is paid.',
    input: contract.CreateBooking,
    output: contract.Booking,
    makes: ({ id }) => [id],
    example: examples.create,
    run: service.createBooking,
  }),
  createEscrow: defineMutation({
    ...writing,
    name: 'bookings.createEscrow',
    summary: 'Make the address that holds the money of a booking',
    description:
      'One for each booking; this server has its key. A second call answers with the same one. A server without a chain has none, and says so.',
    transaction: false,
    input: contract.GetBooking,
    output: contract.EscrowCreated,
    example: examples.createEscrow,
    run: createEscrow,
  }),
  release: defineMutation({
    ...writing,
    name: 'bookings.release',
    summary: 'Pay a booking out',
    description:
      'Once, and only when guarantee, backend and fees have arrived. Payouts wait for ether for their gas. Calling it again tries what failed once more. On a server without a chain nothing moves: the answer is a calculation, and says `simulated`.',
    transaction: false,
    input: contract.GetBooking,
    output: contract.BookingReleased,
    example: examples.release,
    run: releaseFunds,
  }),
  refund: defineMutation({
    ...writing,
    name: 'bookings.refund',
    summary: 'Send back what a booking does not need',
    description:
      'To where it came from, what came last first: everything before the booking is released, and what is too much or came too late after that.',
    transaction: false,
    input: contract.GetBooking,
    output: contract.DepositsRefunded,
    example: examples.refund,
    run: refundDeposits,
  }),
  simulate: defineQuery({
    ...reading,
    name: 'bookings.simulate',
    summary: 'Calculate a settlement',
    description: 'With the usual shares: artist 65, agent 20 and manager 15 percent. Nothing is stored and nothing is paid.',
    input: contract.SimulateSettlement,
    output: contract.SettlementSimulation,
    example: examples.simulate,
    run: service.simulateSettlement,
  }),
  describe: defineQuery({
    name: 'bookings.describe',
    summary: 'Describe the booking settlement skill',
    description: 'What this server can do, as it is set up.',
    access: 'public',
    bucket: 'general',
    input: DescribeSkill,
    output: SkillCard,
    example: examples.describe,
    run: describeBookings,
  }),
}
