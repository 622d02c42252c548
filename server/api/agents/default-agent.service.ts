import { listCredentialNames, setCredential, listSkills, switchSkill } from '#server/agents/definitions/index.ts'
import {
  AGENT_API_VERSION,
  type AgentChoice,
  type AgentCredentials,
  type AgentHealth,
  type AgentSkill,
  type CredentialSet,
  type SetCredential,
  type SkillSwitched,
  type SwitchSkill,
} from '#server/agents/definitions/agents.contract.ts'
import { isComing, isUp, isWell } from '#server/agents/definitions/agent-status.contract.ts'
import { chooseAgent } from '#server/chat/conversations/index.ts'
import type { AccountContext } from '#server/platform/core/index.ts'
import { lookAt } from '#server/agents/runtime/index.ts'
import { driverOf } from '#server/agents/drivers/index.ts'
import { noteWorkspaceChange } from '#server/agents/watches/index.ts'
import { findLastActivity } from './agent-stats.service.ts'

// What one can ask of "your agent" without naming it; `chooseAgent` says which one is meant then.

/** @throws AgentNotFound, NoAgent */
export async function getAgentHealth(ctx: AccountContext, input: AgentChoice): Promise<AgentHealth> {
  const agent = await lookAt(ctx, await chooseAgent(ctx, input.agentId))
  const hasUptime = isUp(agent.status) && agent.startedAt !== null
  const [skills, lastActivity] = [await listSkills(ctx, agent.id), await findLastActivity(ctx, agent.id)]
  const lastSeen = [lastActivity, agent.startedAt].filter((time) => time !== null).map((time) => Date.parse(time))
  return {
    status: healthOf(agent.status),
    version: agent.runtime?.version ?? driverOf(ctx.platform).version ?? 'unknown',
    apiVersion: AGENT_API_VERSION,
    uptime: hasUptime ? Math.max(0, Math.floor((Date.now() - Date.parse(agent.startedAt!)) / 1000)) : 0,
    model: agent.model,
    reason: isWell(agent.status) ? null : (agent.runtime?.reason ?? null),
    // What a configuration says of channels connects none in this version.
    channels: [],
    skills: skills.filter(({ enabled }) => enabled).map(({ id }) => id),
    lastSeen: lastSeen.length > 0 ? Math.max(...lastSeen) : null,
  }
}

function healthOf(status: string): AgentHealth['status'] {
  if (!isWell(status)) return 'error'
  if (isUp(status)) return 'running'
  if (isComing(status)) return 'starting'
  return 'stopped'
}

/** Skills that are installed for the agent. @throws AgentNotFound, NoAgent */
export const listAgentSkills = async (ctx: AccountContext, input: AgentChoice): Promise<AgentSkill[]> =>
  listSkills(ctx, await chooseAgent(ctx, input.agentId))

/** Switches an installed skill on or off. @throws AgentNotFound, NoAgent, SkillNotFound */
export async function switchAgentSkill(ctx: AccountContext, { agentId, skillId, enabled }: SwitchSkill): Promise<SkillSwitched> {
  const chosenId = await chooseAgent(ctx, agentId)
  await switchSkill(ctx, chosenId, skillId, enabled)
  await noteWorkspaceChange(ctx, chosenId)
  return { success: true, skillId, enabled }
}

const documentedCredentials = ['anthropic', 'openai', 'openrouter', 'google', 'telegram', 'discord', 'whatsapp'] as const

/** Which credentials the agent has; never their values. @throws AgentNotFound, NoAgent */
export async function listAgentCredentials(ctx: AccountContext, input: AgentChoice): Promise<AgentCredentials> {
  const stored = await listCredentialNames(ctx, await chooseAgent(ctx, input.agentId))
  const documented = Object.fromEntries(documentedCredentials.map((name) => [name, stored.includes(name)])) as Omit<
    AgentCredentials,
    'others'
  >
  return { ...documented, others: stored.filter((name) => !(documentedCredentials as readonly string[]).includes(name)) }
}

/** Stores a key for a model provider, encrypted, or removes it; the agent's next answer uses it. @throws AgentNotFound, NoAgent, InvalidInput, TooManyCredentials */
export async function setAgentCredential(ctx: AccountContext, { agentId, key, value }: SetCredential): Promise<CredentialSet> {
  return { success: true, ...(await setCredential(ctx, await chooseAgent(ctx, agentId), key, value)) }
}
