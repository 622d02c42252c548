import { setTimeout as delay } from 'node:timers/promises'
import { isUp, isUpSoon } from '#server/agents/definitions/agent-status.contract.ts'
import { findAgentRow, type AgentRow } from '#server/agents/definitions/index.ts'
import type { AccountContext } from '#server/platform/core/index.ts'
import { AgentNotRunning } from './chat.errors.ts'

/** Servers do not tell each other when an agent is up, so this one looks again. */
const POLL_MS = 150
/** Longest a message waits for its agent; a start or a few repairs are over by then. */
const MAX_WAIT_MS = 300_000

/**
 * Waits while an agent starts or is repaired. @returns it as it is then.
 *
 * @throws AgentNotRunning when it is stopped, or could not be helped; AgentNotFound; the reason of `signal`.
 */
export async function waitUntilUp(
  ctx: AccountContext,
  agentId: string,
  signal: AbortSignal,
  isReady: (status: string) => boolean = isUp,
): Promise<AgentRow> {
  const end = performance.now() + MAX_WAIT_MS
  for (;;) {
    const agent = await findAgentRow(ctx, agentId)
    if (isReady(agent.status)) return agent
    if (!isUpSoon(agent.status) || performance.now() > end) throw new AgentNotRunning(agentId, agent.status)
    await delay(POLL_MS, undefined, { signal })
  }
}
