export { PriceUnknown } from './metering.errors.ts'
export { type TurnCall, storedCalls } from './metering.queries.ts'
export { reserveWithinLimit } from './held-credits.service.ts'
export { queueLookups, USAGE_LOOKUP, usageLookup } from './lookup.service.ts'
export {
  type BegunCall,
  askedLater,
  beginUsage,
  cheaperModelFor,
  enforceQuota,
  flushUsage,
  forgetNoted,
  limitedKeyOf,
  nameUsage,
  needsPrice,
  noteUsage,
  recordUsage,
} from './metering.service.ts'
export { recoverUsage } from './recovery.service.ts'
