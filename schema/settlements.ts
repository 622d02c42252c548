import { operations } from '#server/operations.ts'
import { exposeMutations, exposeQueries } from './expose.ts'

const { bookings, splits } = operations

exposeQueries({
  bookings: bookings.list,
  booking: bookings.get,
  bookingSimulation: bookings.simulate,
  bookingSkill: bookings.describe,
  splits: splits.list,
  splitRules: splits.rules,
  splitExecution: splits.execution,
  splitBalance: splits.balance,
  splitSimulation: splits.simulate,
  splitSkill: splits.describe,
})

exposeMutations({
  createBooking: bookings.create,
  createBookingEscrow: bookings.createEscrow,
  releaseBooking: bookings.release,
  refundBooking: bookings.refund,
  createSplit: splits.create,
  createSplitRule: splits.createRule,
  executeSplit: splits.execute,
  approveSplit: splits.approve,
  declineSplit: splits.decline,
})
