export { type DailyUnits, enforceDailyUnits, readDailyUnits, readMonthTokens } from './daily-units.service.ts'
export { PriceUnknown } from './metering.errors.ts'
export { type TurnCall, storedCalls } from './metering.queries.ts'
export { flushUsage, forgetCounted, limitedKeyOf, recordUsage, enforceQuota, reserveWithinLimit, spendLimitOf } from './metering.service.ts'
