import { operations } from '#server/operations.ts'
import { exposeQueries } from './expose.ts'

const { usage } = operations

exposeQueries({
  usageSummary: usage.summary,
  usageByAgent: usage.byAgent,
  usageByModel: usage.byModel,
  dailyUsage: usage.daily,
  toolUsage: usage.tools,
})
