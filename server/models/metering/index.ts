export { type DailyUnits, readDailyUnits, readMonthTokens, takeDailyUnit } from './daily-units.service.ts'
export { PriceUnknown } from './metering.errors.ts'
export { type TurnCall, storedCalls } from './metering.queries.ts'
export { enforceQuota, flushUsage, limitedKeyOf, needsPrice, recordUsage, reserveWithinLimit } from './metering.service.ts'
