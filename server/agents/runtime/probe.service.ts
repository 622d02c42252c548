import { findAgentRow, noteHealth, readAgentCredentials, type AgentRow } from '../definitions/index.ts'
import type { AgentConfig } from '../definitions/agents.contract.ts'
import { isUp } from '../definitions/agent-status.contract.ts'
import { findModelProblem, LOCAL_COMMANDS, type ModelFailed } from '#server/models/catalogue/index.ts'
import { accountOf, inTransaction, type AccountContext } from '#server/platform/core/index.ts'
import { driverOf } from '../drivers/index.ts'
import type { RuntimeStatus } from '../drivers/interface/index.ts'
import { agentWatches as watches } from '../watches/index.ts'
import { refOf } from './runtime-agent.service.ts'
import { watchdogSettings } from './watchdog.rules.ts'

/** What a provider said within this time counts when an agent is asked how it is. */
export const RECENT_MS = 30_000
/** Only what is known counts: whoever made an agent does not wait for its provider. */
export const AS_KNOWN = Infinity

/**
 * Asks the runtime of an agent how it is. One that lives in this server runs whenever that does; what it needs for an answer
 * besides is its model, so its provider is asked.
 *
 * @throws RuntimeUnreachable
 */
export async function probeRuntime(ctx: AccountContext, row: AgentRow, maxAgeMs = RECENT_MS): Promise<RuntimeStatus> {
  const driver = driverOf(ctx.platform)
  const status = await driver.status(refOf(ctx, row))
  if (!driver.inProcess) return status
  // It is always there, and costs no look at its keys.
  if (row.model === LOCAL_COMMANDS) return status
  const models = [row.model, ...((row.config as AgentConfig).fallbacks ?? [])]
  const reason = await findModelProblem(ctx.platform.env, models, await readAgentCredentials(ctx, row.id), maxAgeMs)
  return reason === undefined ? status : { ...status, state: 'degraded', reason }
}

/**
 * Looks how an agent that lives in this server is, and writes down what it found; who asks for the agent asks for that. One that
 * runs elsewhere is looked after by the watchdog.
 *
 * @throws AgentNotFound
 */
export async function lookAt(ctx: AccountContext, agentId: string): Promise<AgentRow> {
  const row = await findAgentRow(ctx, agentId)
  if (!driverOf(ctx.platform).inProcess || !isUp(row.status)) return row
  const { state, reason } = await probeRuntime(ctx, row)
  const status = state === 'running' ? 'running' : 'degraded'
  if (status === row.status) return row
  const nextCheckAt = nextLookAt(ctx, status)
  return inTransaction(ctx.db, async (db) => {
    const inner = { ...ctx, db }
    const changed = await noteHealth(inner, agentId, row.status, status)
    if (changed) await watches.noteReason(db, accountOf(ctx), agentId, { reason, nextCheckAt })
    return findAgentRow(inner, agentId)
  })
}

/** When an agent that lives in this server is looked at again by itself; null for one that is well. */
export const nextLookAt = ({ platform }: AccountContext, status: 'running' | 'degraded'): string | null =>
  status === 'running' ? null : new Date(Date.now() + watchdogSettings(platform.env).checkDegradedEveryMs).toISOString()

/** Statuses by which a provider says that it will answer nobody with that key. */
const REFUSED = new Set<unknown>([401, 402, 403])

/** An agent that lives in this server could not answer: where its provider is the cause, how it is is looked at at once. */
export async function reportFailedAnswer(ctx: AccountContext, agentId: string, failure: ModelFailed): Promise<void> {
  const isLasting = REFUSED.has(failure.details.upstreamStatus) || failure.isUnreachable
  if (isLasting && driverOf(ctx.platform).inProcess)
    await watches.updateWatch(ctx.db, accountOf(ctx), agentId, { nextCheckAt: new Date().toISOString() })
}
