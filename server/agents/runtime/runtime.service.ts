import type { AgentDetail, AgentRef, LifecycleResult, ProvisionAgent, RestartResult } from '../definitions/agents.contract.ts'
import {
  AgentNotFound,
  AgentStartFailed,
  AgentTakenOver,
  ProvisioningFailed,
  createAgent,
  deleteAgentRow,
  findAgentRow,
  toDetail,
} from '../definitions/index.ts'
import { isUp } from '../definitions/agent-status.contract.ts'
import { requireActivePlan } from '#server/money/billing/index.ts'
import { forgetKeysOf } from '#server/identity/auth/index.ts'
import { accountOf, type AccountContext } from '#server/platform/core/index.ts'
import { clearMemory } from '../memory/index.ts'
import { checkHeld, type HeldContext, withAgent } from './agent-lease.ts'
import { writeLog } from './agent-log.service.ts'
import { beginWork, startRuntime, resetFailures, healModel, noteStopped, stopRuntime } from './start-runtime.service.ts'
import { driverOf } from '../drivers/index.ts'
import { abortTurnsOf } from './running-turns.ts'
import { AS_KNOWN, lookAt } from './probe.service.ts'
import { refOf } from './runtime-agent.service.ts'
import { sayStarted } from './lifecycle.rules.ts'

/**
 * Starts an agent; one that runs stays as it is. The status is `active` once it is well.
 *
 * @throws AgentNotFound, PlanRequired; AgentStartFailed, after which the agent has status `error`, or
 * `crash_loop` when starts fail again and again.
 */
export async function startAgent(ctx: AccountContext, { agentId }: AgentRef): Promise<LifecycleResult> {
  requireActivePlan(ctx)
  return withAgent(ctx, agentId, async (held) => {
    const agent = await lookAt(ctx, agentId)
    if (agent.status === 'running') return { success: true, status: 'active' }
    await resetFailures(held)
    return { success: true, ...sayStarted(await startRuntime(held, agent), 'starting') }
  })
}

/** Stops an agent; its data and configuration stay. What somebody else is just doing to it is cut short. @throws AgentNotFound */
export async function stopAgent(ctx: AccountContext, { agentId }: AgentRef): Promise<LifecycleResult> {
  const agent = await findAgentRow(ctx, agentId)
  await driverOf(ctx.platform).stop(refOf(ctx, agent))
  return withAgent(ctx, agentId, async (held) => {
    await stopRuntime(held)
    await noteStopped(held)
    await writeLog(ctx, agentId, 'agent', 'info', 'Stopped')
    return { success: true, status: 'stopped' }
  })
}

/**
 * Stops and starts an agent. A model that no configured provider has any more is replaced by the
 * server's default. Messages that arrive meanwhile wait.
 *
 * @throws AgentNotFound, PlanRequired, AgentStartFailed
 */
export async function restartAgent(ctx: AccountContext, { agentId }: AgentRef): Promise<RestartResult> {
  requireActivePlan(ctx)
  return withAgent(ctx, agentId, async (held) => {
    const agent = await findAgentRow(ctx, agentId)
    await beginWork(held, 'starting')
    await resetFailures(held)
    await stopRuntime(held)
    const healed = await healModel(ctx, agent)
    const started = await startRuntime(held, healed ?? agent)
    return {
      success: true,
      ...sayStarted(started, 'restarting'),
      healedLegacyModel: healed !== undefined,
      healMessage: healed ? `Replaced ${agent.model} with ${healed.model}` : 'skip',
      openclawVersion: started.runtime?.version ?? null,
    }
  })
}

/**
 * Creates an agent and starts it.
 *
 * @throws what createAgent throws; ProvisioningFailed, after which the agent is kept with status `error`.
 */
export async function provisionAgent(ctx: AccountContext, { name, model, config }: ProvisionAgent): Promise<AgentDetail> {
  const agent = await createAgent(ctx, { name, config: { ...config, ...(model ? { model } : {}) } })
  return firstStart(ctx, agent.id)
}

/** Starts an agent that was just created. @throws ProvisioningFailed */
export async function firstStart(ctx: AccountContext, agentId: string): Promise<AgentDetail> {
  try {
    const start = async (held: HeldContext) => {
      const agent = await findAgentRow(ctx, agentId)
      // A call that is made again may have got as far as that.
      return agent.status === 'running' ? agent : startRuntime(held, agent, 'start', AS_KNOWN)
    }
    return toDetail(ctx, await withAgent(ctx, agentId, start))
  } catch (error) {
    // It is there, and the other server starts it: who tried again would have two.
    if (error instanceof AgentTakenOver) return toDetail(ctx, await findAgentRow(ctx, agentId))
    if (error instanceof AgentStartFailed) throw new ProvisioningFailed(agentId, error)
    throw error
  }
}

/** Stops an agent, even one that is just starting, and removes it with everything it has. Who waits for an answer of it gets AgentNotFound. @throws AgentNotFound */
export async function deleteAgent(ctx: AccountContext, { agentId }: AgentRef): Promise<{ id: string; deleted: true }> {
  const ref = refOf(ctx, await findAgentRow(ctx, agentId))
  const driver = driverOf(ctx.platform)
  await driver.stop(ref)
  return withAgent(ctx, agentId, async (held) => {
    // Those on other servers end when they hear of it.
    await abortTurnsOf(agentId, new AgentNotFound(agentId))
    await checkHeld(held)
    await driver.remove(ref)
    await checkHeld(held)
    if (!(await deleteAgentRow(ctx, agentId))) throw new AgentNotFound(agentId)
    // Its key went with it, and counts no longer.
    forgetKeysOf(ctx.platform, accountOf(ctx))
    return { id: agentId, deleted: true }
  })
}

/** Clears what an agent remembers and, if it runs, restarts it. Messages stay. @throws AgentNotFound, AgentStartFailed */
export async function resetAgentMemory(ctx: AccountContext, { agentId }: AgentRef): Promise<LifecycleResult & { message: string }> {
  return withAgent(ctx, agentId, async (held) => {
    const agent = await findAgentRow(ctx, agentId)
    const wasUp = isUp(agent.status)
    if (wasUp) await beginWork(held, 'starting')
    await stopRuntime(held)
    await checkHeld(held)
    await driverOf(ctx.platform).resetMemory(refOf(ctx, agent))
    const cleared = await clearMemory(ctx, agentId)
    if (wasUp) await startRuntime(held, agent)
    return { success: true, status: 'reset', message: `Memory cleared: ${cleared} ${cleared === 1 ? 'value' : 'values'}` }
  })
}
