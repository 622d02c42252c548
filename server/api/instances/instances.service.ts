import type { LifecycleResult, RestartResult } from '#server/agents/definitions/agents.contract.ts'
import { findAgentOfInstance, findOldestRow, isInstanceOfAnybody, toDetail, type AgentRow } from '#server/agents/definitions/index.ts'
import { isUp } from '#server/agents/definitions/agent-status.contract.ts'
import type { AccountPlan } from '#server/money/billing/index.ts'
import { countTurns, getAgentStats } from '../agents/index.ts'
import { requireScope } from '#server/platform/operations/index.ts'
import { accountOf, type AccountContext } from '#server/platform/core/index.ts'
import { driverOf } from '#server/agents/drivers/index.ts'
import { RuntimeUnreachable, type RuntimeStatus } from '#server/agents/drivers/interface/index.ts'
import { lookAt, maintenance, getGatewayToken, probeRuntime, readMadeToken, refOf, runtime } from '#server/agents/runtime/index.ts'
import type { GatewayToken, ImageUpdateResult, LifecycleMessage } from '#server/agents/runtime/runtime.contract.ts'
import type { Instance, InstanceRef, InstanceStats, InstanceStatus, OwnRuntime, UpdateInstanceImage } from './instances.contract.ts'
import { InstanceNotFound, InstanceForbidden } from './instances.errors.ts'

// Every call names an instance, which is the runtime of one agent; all of them throw InstanceNotFound and
// InstanceForbidden, and what the matching call of an agent throws.

/** @throws RuntimeUnreachable */
export async function getInstance(ctx: AccountContext, { userId }: InstanceRef): Promise<Instance> {
  const { agent, probe } = await lookAtInstance(ctx, userId)
  const { subdomain, url } = toDetail(ctx, agent)
  return {
    userId: agent.instanceId,
    status: statusOf(agent, probe),
    startedAt: probe ? (probe.startedAt ?? agent.startedAt) : null,
    subdomain,
    url,
    plan: agent.plan as AccountPlan,
    openclawVersion: probe?.version ?? agent.runtime?.version ?? null,
  }
}

export const startInstance = async (ctx: AccountContext, ref: InstanceRef): Promise<LifecycleResult> =>
  runtime.startAgent(ctx, await agentOf(ctx, ref))

export const stopInstance = async (ctx: AccountContext, ref: InstanceRef): Promise<LifecycleResult> =>
  runtime.stopAgent(ctx, await agentOf(ctx, ref))

export const restartInstance = async (ctx: AccountContext, ref: InstanceRef): Promise<RestartResult> =>
  runtime.restartAgent(ctx, await agentOf(ctx, ref))

export const updateInstanceImage = async (ctx: AccountContext, { userId, image }: UpdateInstanceImage): Promise<ImageUpdateResult> =>
  maintenance.updateAgentImage(ctx, { ...(await agentOf(ctx, { userId })), ...(image === undefined ? {} : { image }) })

export const repairInstance = async (ctx: AccountContext, ref: InstanceRef): Promise<LifecycleMessage> =>
  maintenance.repairAgent(ctx, await agentOf(ctx, ref))

export const resetInstanceMemory = async (ctx: AccountContext, ref: InstanceRef): Promise<LifecycleMessage> =>
  runtime.resetAgentMemory(ctx, await agentOf(ctx, ref))

export const getInstanceToken = async (ctx: AccountContext, ref: InstanceRef): Promise<GatewayToken> =>
  getGatewayToken(ctx, await agentOf(ctx, ref))

/** @throws RuntimeUnreachable */
export async function getInstanceStats(ctx: AccountContext, { userId }: InstanceRef): Promise<InstanceStats> {
  const { agent, probe } = await lookAtInstance(ctx, userId)
  const [sample, turns] = [await getAgentStats(ctx, { agentId: agent.id }), await countTurns(ctx, agent.id)]
  const status = statusOf(agent, probe)
  return {
    userId: agent.instanceId,
    cpu: sample.cpu,
    memory: sample.memory,
    status,
    plan: agent.plan as AccountPlan,
    openclawVersion: probe?.version ?? agent.runtime?.version ?? null,
    ...(healthWords[status] ? { health: healthWords[status] } : {}),
    uptime: sample.uptime,
    messages: turns.answered,
    errors: turns.failed,
  }
}

/**
 * Address, id and token of the runtime of the account's oldest agent. An agent that has no gateway, or does not run, has no address.
 *
 * @throws Forbidden for a key that may not talk to agents
 */
export async function getOwnRuntime(ctx: AccountContext): Promise<OwnRuntime> {
  requireScope(ctx, 'chat:write')
  const agent = await findOldestRow(ctx)
  if (!agent) return { openclawUrl: null, openclawInstanceId: null, gatewayToken: null }
  return { openclawUrl: await addressOf(ctx, agent), openclawInstanceId: agent.instanceId, gatewayToken: readMadeToken(ctx, agent) }
}

/** Null also while the place where agents run does not answer: nobody could use the address then. */
async function addressOf(ctx: AccountContext, agent: AgentRow): Promise<string | null> {
  try {
    return (await driverOf(ctx.platform).address?.(refOf(ctx, agent))) ?? null
  } catch (error) {
    if (error instanceof RuntimeUnreachable) return null
    throw error
  }
}

/** One that is stopped, or just comes up, is in no state of health. */
const healthWords: Partial<Record<InstanceStatus, InstanceStats['health']>> = {
  running: 'healthy',
  active: 'healthy',
  degraded: 'degraded',
  repairing: 'degraded',
  unreachable: 'unreachable',
  crash_loop: 'unhealthy',
  error: 'unhealthy',
}

/** @throws InstanceNotFound, InstanceForbidden */
async function findInstance(ctx: AccountContext, userId: string): Promise<AgentRow> {
  const agent = userId === accountOf(ctx) ? await findOldestRow(ctx) : await findAgentOfInstance(ctx, userId)
  if (agent) return agent
  if (userId !== accountOf(ctx) && (await isInstanceOfAnybody(ctx, userId))) throw new InstanceForbidden(userId)
  throw new InstanceNotFound(userId)
}

const agentOf = async (ctx: AccountContext, { userId }: InstanceRef): Promise<{ agentId: string }> => ({
  agentId: (await findInstance(ctx, userId)).id,
})

/** An instance, and what the runtime says of an agent that should run; undefined for others. */
async function lookAtInstance(ctx: AccountContext, userId: string): Promise<{ agent: AgentRow; probe: RuntimeStatus | undefined }> {
  const agent = await lookAt(ctx, (await findInstance(ctx, userId)).id)
  return { agent, probe: isUp(agent.status) ? await probeRuntime(ctx, agent) : undefined }
}

const wordsForStatus: Record<string, InstanceStatus> = { pending: 'stopped', provisioning: 'starting' }

const statusOf = ({ status }: AgentRow, probe: RuntimeStatus | undefined): InstanceStatus =>
  probe ? probe.state : (wordsForStatus[status] ?? (status as InstanceStatus))
