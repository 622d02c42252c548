import { defineQuery } from '#server/platform/operations/index.ts'
import * as contract from './usage.contract.ts'
import * as service from './usage.service.ts'
import { examples } from './usage.examples.ts'

const common = { access: 'account', scope: 'account:read', bucket: 'general' } as const

export const usage = {
  summary: defineQuery({
    ...common,
    name: 'usage.summary',
    summary: 'Token use per day, agent and model',
    input: contract.GetUsageSummary,
    output: contract.UsageSummary,
    example: examples.summary,
    run: service.getSummary,
  }),
  byAgent: defineQuery({
    ...common,
    name: 'usage.byAgent',
    summary: 'Token use of one agent per model',
    input: contract.GetUsageByAgent,
    output: contract.AgentUsage,
    example: examples.byAgent,
    run: service.getByAgent,
  }),
  byModel: defineQuery({
    ...common,
    name: 'usage.byModel',
    summary: 'Token use per model',
    input: contract.GetUsageByModel,
    output: contract.UsageByModel,
    example: examples.byModel,
    run: service.getByModel,
  }),
  daily: defineQuery({
    ...common,
    name: 'usage.daily',
    summary: 'Token use per day',
    input: contract.GetDailyUsage,
    output: contract.DailyUsage,
    example: examples.daily,
    run: service.getDaily,
  }),
  tools: defineQuery({
    ...common,
    name: 'usage.tools',
    summary: 'Tool runs',
    input: contract.GetToolUsage,
    output: contract.ToolUsage,
    example: examples.tools,
    run: service.getTools,
  }),
}
