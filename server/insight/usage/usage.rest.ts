import { bind } from '#server/platform/operations/index.ts'
import { usage } from './usage.operations.ts'

export const usageRest = {
  summary: bind({ id: 'getUsageSummary', tag: 'usage', operation: usage.summary }),
  byAgent: bind({ id: 'getUsageByAgent', tag: 'usage', operation: usage.byAgent, errors: [404] }),
  byModel: bind({ id: 'getUsageByModel', tag: 'usage', operation: usage.byModel }),
  daily: bind({ id: 'getDailyUsage', tag: 'usage', operation: usage.daily }),
  tools: bind({ id: 'getToolUsage', tag: 'usage', operation: usage.tools, errors: [404] }),
}
