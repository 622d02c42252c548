import { AgentNotFound, hasAgent } from '#server/agents/definitions/index.ts'
import { accountOf, type AccountContext } from '#server/platform/core/index.ts'
import { nanoUsdAsNumber } from '#server/platform/money/index.ts'
import { flushUsage } from '#server/models/metering/index.ts'
import type { GetDailyUsage, GetToolUsage, GetUsageByAgent, GetUsageByModel, GetUsageSummary } from './usage.contract.ts'
import * as queries from './usage.queries.ts'

// Calls are stored moments after they end; what is asked for here has them all.

/** Per day, agent and model. */
export async function getSummary(ctx: AccountContext, { days }: GetUsageSummary) {
  await flushUsage(ctx.platform)
  const rows = await queries.summarize(ctx.db, accountOf(ctx), days)
  return rows.map(({ date, agentId, isOfDeleted, turns, ...row }) => ({
    date,
    agent_id: agentId,
    agent_deleted: isOfDeleted,
    ...toFigures(row),
    turn_count: turns,
  }))
}

/** Of one agent, per model. @throws AgentNotFound */
export async function getByAgent(ctx: AccountContext, { agentId, days }: GetUsageByAgent) {
  await flushUsage(ctx.platform)
  await requireKnown(ctx, agentId)
  return (await queries.sumByModel(ctx.db, accountOf(ctx), days, agentId)).map((row) => ({ ...toFigures(row), events: row.events }))
}

/** Per model, calls with and without an agent. */
export async function getByModel(ctx: AccountContext, { days }: GetUsageByModel) {
  await flushUsage(ctx.platform)
  return (await queries.sumByModel(ctx.db, accountOf(ctx), days)).map((row) => ({ ...toFigures(row), turns: row.turns }))
}

/** Per day that had calls. */
export async function getDaily(ctx: AccountContext, { days }: GetDailyUsage) {
  await flushUsage(ctx.platform)
  const rows = await queries.sumByDay(ctx.db, accountOf(ctx), days)
  return rows.map(({ date, turns, ...row }) => ({ date, total_tokens: row.totalTokens, ...toAccounting(row), turns }))
}

/** Tools the agents used, with how often that worked. @throws AgentNotFound */
export async function getTools(ctx: AccountContext, { agentId, days }: GetToolUsage) {
  if (agentId !== undefined) await requireKnown(ctx, agentId)
  const rows = await queries.sumByTool(ctx.db, accountOf(ctx), days, agentId)
  return rows.map(({ toolName, calls, successes, averageMs }) => ({
    tool_name: toolName,
    calls,
    successes,
    avg_ms: averageMs === null ? null : Math.round(averageMs * 10) / 10,
  }))
}

/** What a deleted agent used stays the account's to see. @throws AgentNotFound for one of which nothing is known */
async function requireKnown(ctx: AccountContext, agentId: string): Promise<void> {
  if (await hasAgent(ctx, agentId)) return
  if (!(await queries.hasRecords(ctx.db, accountOf(ctx), agentId))) throw new AgentNotFound(agentId)
}

type ModelRow = Omit<Awaited<ReturnType<typeof queries.sumByModel>>[number], 'turns' | 'events'>

/** The documented names. */
const toFigures = ({ model, provider, inputTokens, outputTokens, totalTokens, ...row }: ModelRow) => ({
  model,
  provider,
  input_tokens: inputTokens,
  output_tokens: outputTokens,
  total_tokens: totalTokens,
  ...toAccounting(row),
})

type AccountingRow = Pick<ModelRow, 'costNanoUsd' | 'unpricedCalls' | 'estimatedCalls' | 'uncountedCalls'>

const toAccounting = ({ costNanoUsd, unpricedCalls, estimatedCalls, uncountedCalls }: AccountingRow) => ({
  cost_usd: costNanoUsd === null ? null : nanoUsdAsNumber(costNanoUsd),
  unpriced_calls: unpricedCalls,
  estimated_calls: estimatedCalls,
  uncounted_calls: uncountedCalls,
})
