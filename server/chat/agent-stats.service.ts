import type { AgentStats, AgentRef, AgentStatus } from '../agents/agents.contract.ts'
import { formatDuration } from '../agents/agents.rules.ts'
import { findAgentRow } from '../agents/agents.service.ts'
import { accountOf, type AccountContext } from '../core/context.ts'
import * as queries from './chat.queries.ts'

const HOUR_MS = 3_600_000

/**
 * Figures of an agent, computed from its recorded turns and model calls. An agent that lives in the
 * server has no process of its own, so there is no memory, network or process count to measure.
 *
 * @throws AgentNotFound
 */
export async function getAgentStats(ctx: AccountContext, { agentId }: AgentRef): Promise<AgentStats> {
  const agent = await findAgentRow(ctx, agentId)
  const [figures, tokens, storedBytes] = await Promise.all([
    queries.findTurnFigures(ctx.db, accountOf(ctx), agentId),
    queries.findTokenFigures(ctx.db, accountOf(ctx), agentId),
    queries.findStoredBytes(ctx.db, accountOf(ctx), agentId),
  ])
  const now = Date.now()
  const uptime = agent.status === 'running' && agent.startedAt ? Math.max(0, now - Date.parse(agent.startedAt)) : null
  const ageHours = Math.min(24, Math.max(now - Date.parse(agent.createdAt), HOUR_MS) / HOUR_MS)
  const finished = figures.answered + figures.failed
  return {
    agentId,
    cpu: uptime ? percent(figures.cpuMsSinceStart / uptime) + '%' : null,
    memory: null,
    memoryPercent: null,
    network: null,
    uptime,
    uptimeFormatted: uptime === null ? null : formatDuration(uptime),
    status: agent.status as AgentStatus,
    pids: null,
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
    timestamp: new Date(now).toISOString(),
  }
}

const percent = (share: number): string => (share * 100).toFixed(2)

/** When the agent last worked on a message; null before its first. */
export const findLastActivity = async (ctx: AccountContext, agentId: string): Promise<string | null> =>
  (await queries.findTurnFigures(ctx.db, accountOf(ctx), agentId)).lastActivityAt
