import type { AgentDetail, AgentRef, LifecycleResult, ProvisionAgent, RestartResult } from '../agents/agents.contract.ts'
import { AgentNotFound, AgentStartFailed, ProvisioningFailed } from '../agents/agents.errors.ts'
import { readAgentCredentials } from '../agents/agent-credentials.service.ts'
import { createAgent, deleteAgentRow, findAgentRow, replaceModel, setAgentStatus, toDetail } from '../agents/agents.service.ts'
import { requireActivePlan } from '../billing/billing.service.ts'
import type { AccountContext } from '../core/context.ts'
import { toAppError } from '../core/errors.ts'
import { clearMemory } from '../memory/memory.service.ts'
import { defaultModelId } from '../models/catalogue.ts'
import { isModelAvailable } from '../models/providers.ts'
import { builtin } from './builtin.ts'
import type { RuntimeDriver } from './driver.ts'

/** The driver agents run on here. */
export const runtimeDriver: RuntimeDriver = builtin

/**
 * Starts an agent; one that runs stays as it is.
 *
 * @throws AgentNotFound, PlanRequired; AgentStartFailed, after which the agent has status `error`.
 */
export async function startAgent(ctx: AccountContext, { agentId }: AgentRef): Promise<LifecycleResult> {
  requireActivePlan(ctx)
  const agent = await findAgentRow(ctx, agentId)
  if (agent.status !== 'running') await bringUp(ctx, agent)
  return { success: true, status: 'active' }
}

/** Stops an agent; its data and configuration stay. @throws AgentNotFound */
export async function stopAgent(ctx: AccountContext, { agentId }: AgentRef): Promise<LifecycleResult> {
  const agent = await findAgentRow(ctx, agentId)
  await runtimeDriver.stop(ctx, agent)
  await setAgentStatus(ctx, agentId, 'stopped')
  return { success: true, status: 'stopped' }
}

/**
 * Stops and starts an agent. A model that no configured provider has any more is replaced by the
 * server's default.
 *
 * @throws AgentNotFound, PlanRequired, AgentStartFailed
 */
export async function restartAgent(ctx: AccountContext, { agentId }: AgentRef): Promise<RestartResult> {
  requireActivePlan(ctx)
  const agent = await findAgentRow(ctx, agentId)
  await runtimeDriver.stop(ctx, agent)
  const healed = await healModel(ctx, agent)
  await bringUp(ctx, healed ?? agent)
  return {
    success: true,
    status: 'active',
    healedLegacyModel: healed !== undefined,
    healMessage: healed ? `Replaced ${agent.model} with ${healed.model}` : 'skip',
    openclawVersion: runtimeDriver.version(ctx),
  }
}

async function healModel(
  ctx: AccountContext,
  { id, model }: { id: string; model: string },
): Promise<{ id: string; model: string } | undefined> {
  const { env } = ctx.platform
  if (isModelAvailable(env, model, await readAgentCredentials(ctx, id))) return undefined
  return replaceModel(ctx, id, await defaultModelId(env))
}

/**
 * Creates an agent and starts it.
 *
 * @throws what createAgent throws; ProvisioningFailed, after which the agent is kept with status `error`.
 */
export async function provisionAgent(ctx: AccountContext, { name, model, config }: ProvisionAgent): Promise<AgentDetail> {
  const agent = await createAgent(ctx, { name, config: { ...config, ...(model ? { model } : {}) } })
  try {
    return await bringUp(ctx, { id: agent.id, model: agent.model ?? '' })
  } catch (error) {
    if (error instanceof AgentStartFailed) throw new ProvisioningFailed(agent.id, error)
    throw error
  }
}

async function bringUp(ctx: AccountContext, agent: { id: string; model: string }): Promise<AgentDetail> {
  try {
    await runtimeDriver.start(ctx, agent)
  } catch (error) {
    await setAgentStatus(ctx, agent.id, 'error')
    throw new AgentStartFailed(agent.id, toAppError(error).message)
  }
  return toDetail(ctx, await setAgentStatus(ctx, agent.id, 'running', { started: true }))
}

/** Stops an agent and removes it with everything it has. @throws AgentNotFound */
export async function deleteAgent(ctx: AccountContext, { agentId }: AgentRef): Promise<{ id: string; deleted: true }> {
  const agent = await findAgentRow(ctx, agentId)
  await runtimeDriver.stop(ctx, agent)
  if (!(await deleteAgentRow(ctx, agentId))) throw new AgentNotFound(agentId)
  return { id: agentId, deleted: true }
}

/** Clears what an agent remembers and, if it runs, restarts it. Messages stay. @throws AgentNotFound, AgentStartFailed */
export async function resetAgentMemory(ctx: AccountContext, { agentId }: AgentRef): Promise<LifecycleResult> {
  const agent = await findAgentRow(ctx, agentId)
  await runtimeDriver.stop(ctx, agent)
  const cleared = await clearMemory(ctx, agentId)
  if (agent.status === 'running') await bringUp(ctx, agent)
  return { success: true, status: 'reset', message: `Memory cleared: ${cleared} ${cleared === 1 ? 'value' : 'values'}` }
}
