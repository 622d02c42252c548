import { z } from 'zod'

const days = (standard: number) =>
  z.int().min(1).max(365).default(standard).describe(`Days of history (UTC), counting today; ${standard} when left out.`)

/** Most rows per day, agent and model; the newest are given back. */
export const MAX_SUMMARY_ROWS = 10_000
/** Most rows of any other table; the busiest are given back. */
export const MAX_ROWS = 1_000

const figures = {
  input_tokens: z.int().min(0).meta({ format: 'int64', description: 'Tokens that were sent to models.' }),
  output_tokens: z.int().min(0).meta({ format: 'int64', description: 'Tokens that models answered.' }),
  total_tokens: z.int().min(0).meta({ format: 'int64', description: 'Tokens in both directions.' }),
  cost_usd: z
    .number()
    .min(0)
    .nullable()
    .describe('US dollars, of the calls whose price was known when they were made; null where there was no such call.'),
  unpriced_calls: z.int().min(0).describe('Calls whose price was not known, which `cost_usd` is without.'),
  estimated_calls: z.int().min(0).describe('Calls whose tokens the provider did not say: they were estimated, and with them their cost.'),
  uncounted_calls: z.int().min(0).describe('Calls whose tokens nobody knows, which the sums of tokens are without.'),
}
const model = { model: z.string().describe('Id of the model.'), provider: z.string().describe('Provider that served it.') }
const date = z.string().meta({ format: 'date', description: 'The day, in UTC.' })

export const GetUsageSummary = z.object({ days: days(30) })
export type GetUsageSummary = z.output<typeof GetUsageSummary>
export const UsageSummaryRow = z
  .object({
    date,
    agent_id: z.string().nullable().describe('Null for calls made without an agent.'),
    agent_deleted: z.boolean().describe('Whether that agent is gone; its usage stays.'),
    ...model,
    ...figures,
    turn_count: z.int().min(0).describe('Calls of models.'),
  })
  .meta({ id: 'UsageSummaryRow', description: 'Tokens of one model for one agent on one day.' })
export const UsageSummary = z.array(UsageSummaryRow).max(MAX_SUMMARY_ROWS)

export const GetUsageByAgent = z.object({ agentId: z.string().min(1).describe('Id of the agent.'), days: days(30) })
export type GetUsageByAgent = z.output<typeof GetUsageByAgent>
export const AgentUsageRow = z
  .object({ ...model, ...figures, events: z.int().min(0).describe('Calls of models.') })
  .meta({ id: 'AgentUsageRow', description: 'Tokens of one model for one agent.' })
export const AgentUsage = z.array(AgentUsageRow).max(MAX_ROWS)

export const GetUsageByModel = z.object({ days: days(30) })
export type GetUsageByModel = z.output<typeof GetUsageByModel>
export const ModelUsageRow = z
  .object({ ...model, ...figures, turns: z.int().min(0).describe('Calls of models.') })
  .meta({ id: 'ModelUsageRow', description: 'Tokens of one model.' })
export const UsageByModel = z.array(ModelUsageRow).max(MAX_ROWS)

export const GetDailyUsage = z.object({ days: days(7) })
export type GetDailyUsage = z.output<typeof GetDailyUsage>
const { total_tokens, cost_usd, unpriced_calls, estimated_calls, uncounted_calls } = figures
export const DailyUsageRow = z
  .object({
    date,
    total_tokens,
    cost_usd,
    unpriced_calls,
    estimated_calls,
    uncounted_calls,
    turns: z.int().min(0).describe('Calls of models.'),
  })
  .meta({ id: 'DailyUsageRow', description: 'Tokens of one day.' })
export const DailyUsage = z.array(DailyUsageRow).max(MAX_ROWS)

export const GetToolUsage = z.object({ agentId: z.string().min(1).optional().describe('Only this agent.'), days: days(7) })
export type GetToolUsage = z.output<typeof GetToolUsage>
export const ToolUsageRow = z
  .object({
    tool_name: z.string().describe('Name of the tool.'),
    calls: z.int().min(0).describe('How often it ran.'),
    successes: z.int().min(0).describe('How often that worked.'),
    avg_ms: z.number().min(0).nullable().describe('Null where no run was timed.'),
  })
  .meta({ id: 'ToolUsageRow', description: 'How often agents ran a tool.' })
export const ToolUsage = z.array(ToolUsageRow).max(MAX_ROWS)
