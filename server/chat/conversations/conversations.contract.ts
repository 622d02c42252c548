import { z } from 'zod'
import { timestamp } from '#server/platform/core/common.contract.ts'

const unixMs = z.int().min(0).meta({ format: 'int64', description: 'Unix time in milliseconds.' })

export const MessagePlatform = z
  .enum(['webchat', 'api', 'telegram', 'discord', 'whatsapp'])
  .meta({ id: 'MessagePlatform', description: 'Where a message came from or went to.' })
export type MessagePlatform = z.infer<typeof MessagePlatform>

export const MessageSender = z.enum(['user', 'agent']).meta({ id: 'MessageSender' })

export const MessageState = z
  .enum(['queued', 'running', 'answered', 'failed', 'aborted'])
  .meta({ id: 'MessageState', description: 'What became of a message to an agent. `failed` and `aborted` ones can be retried.' })

export const Message = z
  .object({
    id: z.string(),
    agentId: z.string(),
    sender: MessageSender,
    content: z.string(),
    timestamp,
    platform: MessagePlatform,
    topic: z.string().nullable().describe('Topic the sender named.'),
    sessionId: z.string().nullable().describe('Conversation session.'),
    replyTo: z.string().nullable().describe('Message this one answers.'),
    isPartial: z.boolean().describe('Whether the answer was cut off before its end.'),
    state: MessageState.nullable().describe('Of a message to an agent; null for answers.'),
  })
  .meta({ id: 'Message', description: 'One stored message of a conversation.' })
export type Message = z.infer<typeof Message>

/** Most messages one page, and one agent of several, is answered with. */
const MAX_PAGE = 100

/** Over 100 counts as 100. */
const limit = z
  .int('expected a whole number')
  .min(1, 'expected 1 or more')
  .default(50)
  .transform((value) => Math.min(value, MAX_PAGE))
  .meta({ description: 'Most entries to give back. Over 100 counts as 100.' })
const offset = z.int('expected a whole number').min(0, 'expected 0 or more').max(2_147_483_647).default(0).describe('Entries to skip.')

export const ListMessages = z.object({
  agentId: z.string().optional().describe('Only this agent. All your agents when left out.'),
  topic: z.string().max(100).optional().describe('Only this topic.'),
  limit,
  offset,
})
export type ListMessages = z.infer<typeof ListMessages>

export const FilterMessages = ListMessages.pick({ agentId: true, topic: true })
export type FilterMessages = z.infer<typeof FilterMessages>

export const MessageList = z.array(Message).max(MAX_PAGE)

/** Most messages of several agents that are given back at once. */
export const MAX_MESSAGES_OF_AGENTS = 1000

/** The newest messages of each of several agents; what nested GraphQL fields load at once. */
export const MessagesOfAgents = z
  .object({
    agentIds: z
      .array(z.string().min(1))
      .min(1)
      .max(MAX_MESSAGES_OF_AGENTS)
      .refine((ids) => new Set(ids).size === ids.length, 'expected each id once'),
    perAgent: z.int().min(1).max(MAX_PAGE).default(10).describe('Most messages of each agent.'),
  })
  .refine(({ agentIds, perAgent }) => agentIds.length * perAgent <= MAX_MESSAGES_OF_AGENTS, {
    path: ['agentIds'],
    error: `expected at most ${MAX_MESSAGES_OF_AGENTS} messages in all: ids times perAgent`,
  })
export type MessagesOfAgents = z.infer<typeof MessagesOfAgents>

/** One page of the messages of each of several agents, for nested GraphQL fields. */
export const MessagePagesOfAgents = z.object({
  agentIds: z.array(z.string().min(1)).min(1).max(MAX_MESSAGES_OF_AGENTS),
  perAgent: z.int().min(1).max(MAX_PAGE + 1),
  after: z.string().min(1).optional().describe('Only messages older than this one.'),
})
export type MessagePagesOfAgents = z.infer<typeof MessagePagesOfAgents>
export const AgentsToCount = z.object({ agentIds: z.array(z.string().min(1)).min(1).max(MAX_MESSAGES_OF_AGENTS) })
export type AgentsToCount = z.infer<typeof AgentsToCount>
export const MessageTotals = z.array(z.object({ agentId: z.string(), total: z.int().min(0) }))
export type MessageTotals = z.infer<typeof MessageTotals>

export const AgentMessages = z.object({ agentId: z.string(), messages: z.array(Message).max(MAX_PAGE) }).meta({ id: 'AgentMessages' })
export type AgentMessages = z.infer<typeof AgentMessages>
export const AgentMessagesList = z.array(AgentMessages).max(MAX_MESSAGES_OF_AGENTS)

export const ListAgentMessages = z.object({ agentId: z.string().min(1), limit, offset })
export const FilterAgentMessages = ListAgentMessages.pick({ agentId: true })
export type ListAgentMessages = z.infer<typeof ListAgentMessages>

export const MessagePage = z
  .object({
    messages: z.array(Message).max(MAX_PAGE),
    total: z.int().min(0).describe('Stored messages in all.'),
    limit: z.int().min(1).max(100),
    offset: z.int().min(0),
  })
  .meta({ id: 'MessagePage' })
export type MessagePage = z.infer<typeof MessagePage>

export const SessionStatus = z.enum(['active', 'idle', 'completed']).meta({ id: 'ConversationSessionStatus' })

export const Session = z
  .object({
    id: z.string(),
    status: SessionStatus,
    messageCount: z.int().min(0),
    createdAt: unixMs,
    lastActivity: unixMs,
  })
  .meta({ id: 'ConversationSession' })
export type Session = z.infer<typeof Session>

/** The agent of the account that is meant; the oldest when left out. */
export const AgentChoice = z.object({ agentId: z.string().min(1).optional().describe('Which of your agents; the oldest when left out.') })
export type AgentChoice = z.infer<typeof AgentChoice>

/** Most sessions one list gives back. */
export const MAX_LISTED_SESSIONS = 100
export const SessionList = z.array(Session).max(MAX_LISTED_SESSIONS)

export const GetSession = z.object({ ...AgentChoice.shape, sessionId: z.string().min(1, 'expected the id of a session') })
export type GetSession = z.infer<typeof GetSession>

export const SpeakerRole = z.enum(['user', 'assistant']).meta({ id: 'SpeakerRole' })

/** Most messages of one session that are given back at once. */
export const MAX_SESSION_MESSAGES = 1000

export const SessionMessage = z.object({ role: SpeakerRole, content: z.string(), timestamp: unixMs }).meta({ id: 'SessionMessage' })

export const SessionDetail = z
  .object({
    id: z.string(),
    status: SessionStatus,
    messages: z.array(SessionMessage).max(MAX_SESSION_MESSAGES),
    createdAt: unixMs,
    lastActivity: unixMs,
    userId: z.string().optional(),
  })
  .meta({ id: 'ConversationSessionDetail' })
export type SessionDetail = z.infer<typeof SessionDetail>

export const SessionCreated = z.object({ sessionId: z.string(), status: z.literal('active') }).meta({ id: 'SessionCreated' })

export const RecentMessage = z.object({ role: SpeakerRole, content: z.string().max(100) }).meta({ id: 'RecentMessage' })
export const RecentMessages = z.array(RecentMessage).max(10)
export type RecentMessage = z.infer<typeof RecentMessage>
