export { PriceUnknown } from './metering.errors.ts'
export { type TurnCall, storedCalls } from './metering.queries.ts'
export {
  beginUsage,
  cheaperModelFor,
  enforceQuota,
  flushUsage,
  forgetNoted,
  limitedKeyOf,
  needsPrice,
  noteUsage,
  recordUsage,
  reserveWithinLimit,
} from './metering.service.ts'
export { recoverUsage } from './recovery.service.ts'
