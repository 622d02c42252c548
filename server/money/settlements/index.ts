export { requireChecksums } from './checksums.ts'
export { type BookingFees, bookingFees, noFees, sharesOf, splitFee } from './fees.rules.ts'
export { askChain, chainOf, hasChain, networkOf } from './network.ts'
export {
  type Due,
  type Payer,
  type PayoutRow,
  isPaid,
  listOfBookings,
  listOfSplit,
  notePayouts,
  orderPayouts,
  outcomeOf,
  retryFailed,
} from './payouts.service.ts'
export { listUnbooked, markBooked, nextPosition } from './payouts.queries.ts'
