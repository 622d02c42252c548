import { z } from 'zod'
import * as agentContract from '#server/agents/definitions/agents.contract.ts'
import { agents } from '../agents/agents.operations.ts'
import * as conversationContract from '#server/chat/conversations/conversations.contract.ts'
import { conversations } from '#server/chat/conversations/conversations.operations.ts'
import { bind, type ActionBindings } from '#server/platform/operations/index.ts'
import * as contract from './default-agent.contract.ts'
import { defaultAgent } from './default-agent.operations.ts'

const tag = 'agents'

const whichAgent = `Where no agent is named, ${agentContract.DEFAULT_AGENT_RULE} is meant, by every action alike. A session is found by its id, whichever of your agents it is with.`

const Query = z.object({
  action: z.enum(['health', 'sessions', 'session', 'memory', 'skills', 'credentials']).optional(),
  sessionId: z.string().optional().describe('Needed for `action=session`.'),
  ...agentContract.AgentChoice.shape,
})

const CredentialMap = z
  .record(z.string(), z.boolean())
  .meta({ id: 'AgentCredentialMap', description: 'True where a credential is stored. Values are never shown.' })

const AgentSessionList = z.object({ sessions: conversationContract.SessionList }).meta({ id: 'AgentSessionList' })
const AgentSessionAnswer = z.object({ session: conversationContract.SessionDetail }).meta({ id: 'AgentSessionAnswer' })
const AgentMemoryPeek = z.object({ memory: conversationContract.RecentMessages }).meta({ id: 'AgentMemoryPeek' })
const AgentSkillList = z.object({ skills: agentContract.AgentSkills }).meta({ id: 'AgentSkillList' })
const AgentCredentialList = z.object({ credentials: CredentialMap }).meta({ id: 'AgentCredentialList' })

/** `GET /api/agent`: what one can ask about "your agent". */
export const queryAgent: ActionBindings = {
  from: 'query',
  fallback: '',
  document: {
    id: 'queryAgent',
    tag,
    summary: 'Ask about your agent',
    description: whichAgent,
    query: Query,
    output: z.union([
      contract.AgentApiIndex,
      agentContract.AgentHealth,
      AgentSessionList,
      AgentSessionAnswer,
      AgentMemoryPeek,
      AgentSkillList,
      AgentCredentialList,
    ]),
  },
  actions: {
    '': bind({ id: 'indexAgent', tag, operation: defaultAgent.index }),
    health: bind({ id: 'getAgentHealth', tag, operation: agents.health }),
    sessions: bind({ id: 'listAgentSessions', tag, operation: conversations.list, body: (sessions) => ({ sessions }) }),
    session: bind({ id: 'getAgentSession', tag, operation: conversations.get, body: (session) => ({ session }) }),
    memory: bind({ id: 'peekAgentMemory', tag, operation: conversations.recent, body: (memory) => ({ memory }) }),
    skills: bind({ id: 'listAgentSkills', tag, operation: agents.skills, body: (skills) => ({ skills }) }),
    credentials: bind({
      id: 'listAgentCredentials',
      tag,
      operation: agents.credentials,
      body: ({ others, ...documented }) => ({ credentials: { ...Object.fromEntries(others.map((name) => [name, true])), ...documented } }),
    }),
  },
}

const agentId = agentContract.AgentChoice.shape.agentId

const Body = z.union([
  z.object({ action: z.literal('chat').optional(), message: z.string(), sessionId: z.string().optional(), agentId }),
  z.object({ action: z.literal('create-session'), agentId }),
  z.object({ action: z.literal('update-skill'), skillId: z.string(), enabled: z.boolean().optional(), agentId }),
  z.object({ action: z.literal('set-credential'), key: z.string(), value: z.string().optional(), agentId }),
])

/** `POST /api/agent`: talk to "your agent", or set it up. */
export const actOnAgent: ActionBindings = {
  from: 'body',
  fallback: 'chat',
  document: {
    id: 'actOnAgent',
    tag,
    summary: 'Talk to your agent or set it up',
    description: whichAgent,
    body: Body,
    output: z.union([
      contract.AgentChatAnswer,
      conversationContract.SessionCreated,
      agentContract.SkillSwitched,
      agentContract.CredentialSet,
    ]),
  },
  actions: {
    chat: bind({ id: 'chatWithAgent', tag, operation: defaultAgent.chat }),
    'create-session': bind({ id: 'createAgentSession', tag, operation: conversations.create }),
    'update-skill': bind({ id: 'updateAgentSkill', tag, operation: agents.switchSkill }),
    'set-credential': bind({ id: 'setAgentCredential', tag, operation: agents.setCredential }),
  },
}
