import { listCredentialNames, setCredential } from '#server/agents/definitions/agent-credentials.service.ts'
import {
  AGENT_API_VERSION,
  type AgentChoice,
  type AgentConfig,
  type AgentCredentials,
  type AgentHealth,
  type AgentSkill,
  type CredentialSet,
  type SetCredential,
  type SkillSwitched,
  type SwitchSkill,
} from '#server/agents/definitions/agents.contract.ts'
import { findAgentRow, listSkills, switchSkill } from '#server/agents/definitions/agents.service.ts'
import { chooseAgent } from '#server/chat/conversations/conversations.service.ts'
import type { AccountContext } from '#server/platform/core/context.ts'
import { driverOf } from '#server/agents/drivers/create-driver.ts'
import { noteKnowledgeChange } from '#server/agents/workspace-changes/workspace-changes.service.ts'
import type { SendMessage } from '#server/chat/turns/chat.contract.ts'
import { sendMessage } from '#server/chat/turns/chat.service.ts'
import type { AgentApiIndex, AgentChatAnswer } from './default-agent.contract.ts'
import { findLastActivity } from '../agents/agent-stats.service.ts'

// What one can ask of "your agent" without naming it: the oldest of the account is meant then.

const endpoints = {
  'GET /api/agent?action=health': 'State of the runtime',
  'GET /api/agent?action=sessions': 'Conversation sessions',
  'GET /api/agent?action=session&sessionId=...': 'One session with its messages',
  'GET /api/agent?action=memory': 'The last ten messages of the active session, shortened',
  'GET /api/agent?action=skills': 'Installed skills',
  'GET /api/agent?action=credentials': 'Which credentials are stored',
  'POST /api/agent {"action":"chat","message":"..."}': 'Talk to the agent',
  'POST /api/agent {"action":"create-session"}': 'Start a new session',
  'POST /api/agent {"action":"update-skill","skillId":"...","enabled":true}': 'Switch a skill',
  'POST /api/agent {"action":"set-credential","key":"...","value":"..."}': 'Store or remove a credential',
}

/** What there is under `/api/agent`. */
export const showAgentApi = async ({ platform: { version } }: AccountContext): Promise<AgentApiIndex> => ({
  apiVersion: AGENT_API_VERSION,
  agentbotVersion: version,
  endpoints,
})

/**
 * Sends a message to the agent and waits for its reply.
 *
 * @throws What `sendMessage` throws.
 */
export async function chatWithAgent(ctx: AccountContext, input: SendMessage): Promise<AgentChatAnswer> {
  const { sessionId, reply } = await sendMessage(ctx, input)
  return { sessionId, reply, timestamp: Date.now() }
}

/** @throws AgentNotFound, NoAgent */
export async function getAgentHealth(ctx: AccountContext, input: AgentChoice): Promise<AgentHealth> {
  const agent = await findAgentRow(ctx, await chooseAgent(ctx, input.agentId))
  const isRunning = agent.status === 'running' && agent.startedAt !== null
  const [skills, lastActivity] = [await listSkills(ctx, agent.id), await findLastActivity(ctx, agent.id)]
  const lastSeen = [lastActivity, agent.startedAt].filter((time) => time !== null).map((time) => Date.parse(time))
  return {
    status: healthWords[agent.status] ?? 'unknown',
    version: driverOf(ctx.platform).version ?? 'unknown',
    apiVersion: AGENT_API_VERSION,
    uptime: isRunning ? Math.max(0, Math.floor((Date.now() - Date.parse(agent.startedAt!)) / 1000)) : 0,
    model: agent.model,
    channels: Object.keys((agent.config as AgentConfig).channels ?? {}),
    skills: skills.filter(({ enabled }) => enabled).map(({ id }) => id),
    lastSeen: lastSeen.length > 0 ? Math.max(...lastSeen) : null,
  }
}

const healthWords: Record<string, AgentHealth['status']> = {
  running: 'running',
  degraded: 'running',
  stopped: 'stopped',
  pending: 'stopped',
  starting: 'starting',
  provisioning: 'starting',
  repairing: 'starting',
  error: 'error',
  crash_loop: 'error',
}

/** Skills that are installed for the agent. @throws AgentNotFound, NoAgent */
export const listAgentSkills = async (ctx: AccountContext, input: AgentChoice): Promise<AgentSkill[]> =>
  listSkills(ctx, await chooseAgent(ctx, input.agentId))

/** Switches an installed skill on or off. @throws AgentNotFound, NoAgent, SkillNotFound */
export async function switchAgentSkill(ctx: AccountContext, { agentId, skillId, enabled }: SwitchSkill): Promise<SkillSwitched> {
  const chosenId = await chooseAgent(ctx, agentId)
  await switchSkill(ctx, chosenId, skillId, enabled)
  await noteKnowledgeChange(ctx, chosenId)
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

/** Stores a credential, encrypted, or removes it; the agent's next answer uses it. @throws AgentNotFound, NoAgent */
export async function setAgentCredential(ctx: AccountContext, { agentId, key, value }: SetCredential): Promise<CredentialSet> {
  return { success: true, key, configured: await setCredential(ctx, await chooseAgent(ctx, agentId), key, value) }
}
