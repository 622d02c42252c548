import type { AgentStats, AgentRef, AgentStatus } from '#server/agents/definitions/agents.contract.ts'
import { formatBytes, formatDuration, findAgentRow } from '#server/agents/definitions/index.ts'
import type { AccountContext } from '#server/platform/core/index.ts'
import { isUp } from '#server/agents/definitions/agent-status.contract.ts'
import { driverOf } from '#server/agents/drivers/index.ts'
import { refOf } from '#server/agents/runtime/index.ts'
import { findStoredBytes, findTokenFigures, findTurnFigures } from '#server/chat/turns/index.ts'

const HOUR_MS = 3_600_000

/**
 * Figures of an agent: a sample of its runtime, and what its recorded turns and model calls add up to. An
 * agent that lives in the server has no process of its own, so there is no memory, network or process
 * count to measure, and its CPU share is that of its turns.
 *
 * @throws AgentNotFound, RuntimeUnreachable
 */
export async function getAgentStats(ctx: AccountContext, { agentId }: AgentRef): Promise<AgentStats> {
  const agent = await findAgentRow(ctx, agentId)
  const driver = driverOf(ctx.platform)
  const isRunning = isUp(agent.status)
  const [sample, figures, tokens, storedBytes] = await Promise.all([
    isRunning ? driver.stats(refOf(ctx, agent)) : undefined,
    findTurnFigures(ctx, agentId),
    findTokenFigures(ctx, agentId),
    findStoredBytes(ctx, agentId),
  ])
  const now = Date.now()
  const uptime = isRunning && agent.startedAt ? Math.max(0, now - Date.parse(agent.startedAt)) : null
  const ageHours = Math.min(24, Math.max(now - Date.parse(agent.createdAt), HOUR_MS) / HOUR_MS)
  const finished = figures.answered + figures.failed
  return {
    agentId,
    cpu: sharePercent(sample?.cpuPercent ?? (uptime && driver.inProcess ? (figures.cpuMsSinceStart / uptime) * 100 : null)),
    memory: withLimit(sample?.memoryBytes ?? null, sample?.memoryLimitBytes ?? null),
    memoryPercent:
      sample?.memoryBytes && sample.memoryLimitBytes ? sharePercent((sample.memoryBytes / sample.memoryLimitBytes) * 100) : null,
    network:
      sample && sample.networkInBytes !== null && sample.networkOutBytes !== null
        ? `${formatBytes(sample.networkInBytes)} / ${formatBytes(sample.networkOutBytes)}`
        : null,
    uptime,
    uptimeFormatted: uptime === null ? null : formatDuration(uptime),
    status: agent.status as AgentStatus,
    pids: sample && sample.pids !== null ? String(sample.pids) : null,
    messagesProcessed: figures.answered,
    messagesPerHour: Math.round((figures.answeredToday / ageHours) * 100) / 100,
    averageResponseTime: figures.averageMs === null ? null : Math.round(figures.averageMs),
    successRate: finished > 0 ? percent(figures.answered / finished) : null,
    errorRate: finished > 0 ? percent(figures.failed / finished) : null,
    cpuTimeMs: Math.round(figures.cpuMs),
    wallTimeMs: figures.wallMs,
    storedBytes,
    queueLength: figures.open,
    inputTokens: tokens.inputTokens,
    outputTokens: tokens.outputTokens,
    estimatedCalls: tokens.estimatedCalls,
    uncountedCalls: tokens.uncountedCalls,
    timestamp: new Date(now).toISOString(),
  }
}

const sharePercent = (value: number | null): string | null => (value === null ? null : `${value.toFixed(2)}%`)

const withLimit = (bytes: number | null, limit: number | null): string | null =>
  bytes === null ? null : limit === null ? formatBytes(bytes) : `${formatBytes(bytes)} / ${formatBytes(limit)}`

const percent = (share: number): string => (share * 100).toFixed(2)

/** How many messages of the agent were answered, and how many got no answer. */
export const countTurns = async (ctx: AccountContext, agentId: string): Promise<{ answered: number; failed: number }> =>
  findTurnFigures(ctx, agentId)

/** When the agent last worked on a message; null before its first. */
export const findLastActivity = async (ctx: AccountContext, agentId: string): Promise<string | null> =>
  (await findTurnFigures(ctx, agentId)).lastActivityAt
