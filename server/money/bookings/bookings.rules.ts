import type { Env } from '#server/platform/core/index.ts'
import { percentOf, unitsOfMicroUsd, usdcAsNumber, type TokenUnits } from '#server/platform/money/index.ts'
import { bookingFees, noFees, outcomeOf, sharesOf, type BookingFees, type Due, type PayoutRow } from '../settlements/index.ts'
import type * as contract from './bookings.contract.ts'
import type { BookingRow, Share } from './bookings.queries.ts'

type Amounts = Pick<BookingRow, 'guaranteeUnits' | 'backendUnits'>

/** What is paid out of a booking. */
export const payoutUnitsOf = ({ guaranteeUnits, backendUnits }: Amounts): TokenUnits =>
  unitsOfMicroUsd(guaranteeUnits) + unitsOfMicroUsd(backendUnits)

/** What this server takes for it, besides that. */
export const feesOf = ({ SETTLEMENT_FEE_ADDRESS }: Env, { guaranteeUnits, backendUnits }: Amounts): BookingFees =>
  SETTLEMENT_FEE_ADDRESS === undefined ? noFees : fullFees({ guaranteeUnits, backendUnits })

const fullFees = ({ guaranteeUnits, backendUnits }: Amounts): BookingFees =>
  bookingFees({ guaranteeUnits: unitsOfMicroUsd(guaranteeUnits), backendUnits: unitsOfMicroUsd(backendUnits) })

/** What was taken of a booking that is released; before that, what would be. */
const shownFees = (env: Env, row: BookingRow, payouts: PayoutRow[]): BookingFees => {
  if (row.releasedAt === null) return feesOf(env, row)
  return payouts.some(({ kind }) => kind === 'fee') ? fullFees(row) : noFees
}

/** Fees as answers have them. */
export const toFees = ({ transactionUnits, escrowUnits }: BookingFees): contract.BookingFees => ({
  transaction: usdcAsNumber(transactionUnits),
  escrow: usdcAsNumber(escrowUnits),
  total: usdcAsNumber(transactionUnits + escrowUnits),
})

/** Everybody who is paid when a booking is released, and the fees. */
export function duesOf(env: Env, booking: Amounts, shares: Share[]): Due[] {
  const units = sharesOf(
    payoutUnitsOf(booking),
    shares.map(({ basisPoints }) => basisPoints),
  )
  const dues = shares.map(({ name, address }, index): Due => ({ kind: 'share', name, address, units: units[index]! }))
  const { transactionUnits, escrowUnits } = feesOf(env, booking)
  const feeUnits = transactionUnits + escrowUnits
  return feeUnits === 0n ? dues : [...dues, { kind: 'fee', name: 'Fees', address: env.SETTLEMENT_FEE_ADDRESS!, units: feeUnits }]
}

export const toPayout = (row: PayoutRow): contract.BookingPayout => {
  const { reason, ...outcome } = outcomeOf(row)
  return {
    recipient: row.name,
    address: row.address,
    amount: usdcAsNumber(unitsOfMicroUsd(row.units)),
    ...outcome,
    ...(reason === undefined ? {} : { error: reason }),
  }
}

const toRule = ({ address, basisPoints, role, name }: Share): contract.BookingSplitRule => ({
  recipientAddress: address,
  percentage: percentOf(basisPoints),
  role: role as contract.BookingSplitRule['role'],
  name,
})

/** A booking as answers have it. What was taken for one that is released stays, whatever the operator takes now. */
export const toBooking = (env: Env, row: BookingRow, shares: Share[], payouts: PayoutRow[]): contract.Booking => ({
  id: row.id,
  venue: row.venue,
  date: row.heldOn,
  guarantee: usdcAsNumber(unitsOfMicroUsd(row.guaranteeUnits)),
  backend: usdcAsNumber(unitsOfMicroUsd(row.backendUnits)),
  deposit: usdcAsNumber(unitsOfMicroUsd(row.depositUnits)),
  status: row.status as contract.Booking['status'],
  splitRules: shares.map(toRule),
  escrowAddress: row.escrowAddress,
  received: usdcAsNumber(unitsOfMicroUsd(row.receivedUnits)),
  fees: toFees(shownFees(env, row, payouts)),
  payouts: payouts.map(toPayout),
  releasedAt: row.releasedAt,
})

/** What the whole is, by its parts: a failure is told first, and it is done when all are. */
export function statusOf(payouts: contract.BookingPayout[]): contract.BookingPayout['status'] {
  if (payouts.some(({ status }) => status === 'failed')) return 'failed'
  if (payouts.some(({ status }) => status === 'pending')) return 'pending'
  return payouts.some(({ status }) => status === 'completed') ? 'completed' : 'skipped'
}

/** The usual shares, in percent: what a simulation goes by. */
const USUAL_SHARES = [
  { role: 'Artist', percentage: 65 },
  { role: 'Agent', percentage: 20 },
  { role: 'Manager', percentage: 15 },
]

/** What the usual people would get of so much. */
export function simulateShares(units: TokenUnits): contract.SettlementSimulation['splits'] {
  const shares = sharesOf(
    units,
    USUAL_SHARES.map(({ percentage }) => percentage),
  )
  return USUAL_SHARES.map((usual, index) => ({ ...usual, amount: usdcAsNumber(shares[index]!) }))
}
