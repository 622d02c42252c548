import { z } from 'zod'
import { AgentChoice } from '#server/agents/definitions/agents.contract.ts'
import { timestamp } from '#server/platform/core/common.contract.ts'

const unixMs = z.int().min(0).meta({ format: 'int64', description: 'Unix time in milliseconds.' })

export const MessagePlatform = z.enum(['webchat', 'api', 'telegram', 'discord', 'whatsapp']).meta({
  id: 'MessagePlatform',
  description: 'Where a message came from or went to.',
  'x-enumDescriptions': {
    webchat: 'The pages of this server.',
    api: 'A call of the API.',
    telegram: 'Telegram.',
    discord: 'Discord.',
    whatsapp: 'WhatsApp.',
  },
})
export type MessagePlatform = z.infer<typeof MessagePlatform>

export const MessageSender = z.enum(['user', 'agent']).meta({
  id: 'MessageSender',
  description: 'Who wrote a message.',
  'x-enumDescriptions': { user: 'A person, or a program for them.', agent: 'The agent.' },
})

export const MessageState = z.enum(['queued', 'running', 'answered', 'failed', 'aborted']).meta({
  id: 'MessageState',
  description: 'What became of a message to an agent. `failed` and `aborted` ones can be retried.',
  'x-enumDescriptions': {
    queued: 'Waits for its answer.',
    running: 'Being answered.',
    answered: 'It has its answer.',
    failed: 'It got no answer; it can be sent again.',
    aborted: 'Whoever asked went away before the answer was there; it can be sent again.',
  },
})

export const Message = z
  .object({
    id: z.string().describe('Its id.'),
    agentId: z.string().describe('Id of the agent.'),
    sender: MessageSender,
    content: z.string().describe('What it says.'),
    timestamp: timestamp.describe('When it was stored.'),
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
      .refine((ids) => new Set(ids).size === ids.length, 'expected each id once')
      .describe('Ids of the agents, each once.'),
    perAgent: z.int().min(1).max(MAX_PAGE).default(10).describe('Most messages of each agent.'),
  })
  .refine(({ agentIds, perAgent }) => agentIds.length * perAgent <= MAX_MESSAGES_OF_AGENTS, {
    path: ['agentIds'],
    error: `expected at most ${MAX_MESSAGES_OF_AGENTS} messages in all: ids times perAgent`,
  })
export type MessagesOfAgents = z.infer<typeof MessagesOfAgents>

/** One page of the messages of each of several agents, for nested GraphQL fields. */
export const MessagePagesOfAgents = z.object({
  agentIds: z.array(z.string().min(1)).min(1).max(MAX_MESSAGES_OF_AGENTS).describe('Ids of the agents, each once.'),
  perAgent: z
    .int()
    .min(1)
    .max(MAX_PAGE + 1)
    .describe('Most messages of each agent.'),
  after: z.string().min(1).optional().describe('Only messages older than this one.'),
})
export type MessagePagesOfAgents = z.infer<typeof MessagePagesOfAgents>
export const AgentsToCount = z.object({
  agentIds: z.array(z.string().min(1)).min(1).max(MAX_MESSAGES_OF_AGENTS).describe('Ids of the agents, each once.'),
})
export type AgentsToCount = z.infer<typeof AgentsToCount>
export const MessageTotals = z.array(z.object({ agentId: z.string().describe('Id of the agent.'), total: z.int().min(0) }))
export type MessageTotals = z.infer<typeof MessageTotals>

export const AgentMessages = z
  .object({ agentId: z.string().describe('Id of the agent.'), messages: z.array(Message).max(MAX_PAGE).describe('Newest first.') })
  .meta({ id: 'AgentMessages', description: 'The newest messages of one agent.' })
export type AgentMessages = z.infer<typeof AgentMessages>
export const AgentMessagesList = z.array(AgentMessages).max(MAX_MESSAGES_OF_AGENTS)

export const ListAgentMessages = z.object({ agentId: z.string().min(1).describe('Id of the agent.'), limit, offset })
export const FilterAgentMessages = ListAgentMessages.pick({ agentId: true })
export type ListAgentMessages = z.infer<typeof ListAgentMessages>

export const MessagePage = z
  .object({
    messages: z.array(Message).max(MAX_PAGE).describe('Newest first.'),
    total: z.int().min(0).describe('Stored messages in all.'),
    limit: z.int().min(1).max(100).describe('Most messages of this answer.'),
    offset: z.int().min(0).describe('Messages that were skipped.'),
  })
  .meta({ id: 'MessagePage', description: 'Some of the messages of an agent.' })
export type MessagePage = z.infer<typeof MessagePage>

export const SessionStatus = z.enum(['active', 'idle', 'completed']).meta({
  id: 'ConversationSessionStatus',
  description: 'Whether a session goes on.',
  'x-enumDescriptions': {
    active: 'The one that the next message goes to.',
    idle: 'Another one goes on; it can be taken up again.',
    completed: 'Over.',
  },
})

export const Session = z
  .object({
    id: z.string().describe('Its id.'),
    status: SessionStatus,
    messageCount: z.int().min(0).describe('Messages in it.'),
    createdAt: unixMs.describe('When it was begun. Unix time in milliseconds.'),
    lastActivity: unixMs.describe('When its last message was stored. Unix time in milliseconds.'),
  })
  .meta({ id: 'ConversationSession', description: 'A conversation with an agent.' })
export type Session = z.infer<typeof Session>

export { AgentChoice }

/** Most sessions one list gives back. */
export const MAX_LISTED_SESSIONS = 100
export const SessionList = z.array(Session).max(MAX_LISTED_SESSIONS)

export const GetSession = z.object({
  agentId: z.string().min(1).optional().describe('Which of your agents. When left out: the one the session is with.'),
  sessionId: z.string().min(1, 'expected the id of a session').describe('Id of the session.'),
})
export type GetSession = z.infer<typeof GetSession>

export const SpeakerRole = z.enum(['user', 'assistant']).meta({
  id: 'SpeakerRole',
  description: 'Who said something.',
  'x-enumDescriptions': { user: 'A person, or a program for them.', assistant: 'The agent.' },
})

/** Most messages of one session that are given back at once. */
export const MAX_SESSION_MESSAGES = 1000

export const SessionMessage = z
  .object({
    role: SpeakerRole,
    content: z.string().describe('What it says.'),
    timestamp: unixMs.describe('When it was stored. Unix time in milliseconds.'),
  })
  .meta({ id: 'SessionMessage', description: 'One message of a session.' })

export const SessionDetail = z
  .object({
    id: z.string().describe('Its id.'),
    status: SessionStatus,
    messages: z.array(SessionMessage).max(MAX_SESSION_MESSAGES).describe('The last messages, oldest first; up to 1,000.'),
    createdAt: unixMs.describe('When it was begun. Unix time in milliseconds.'),
    lastActivity: unixMs.describe('When its last message was stored. Unix time in milliseconds.'),
    userId: z.string().optional().describe('Account it belongs to.'),
  })
  .meta({ id: 'ConversationSessionDetail', description: 'A conversation with an agent, with its last messages.' })
export type SessionDetail = z.infer<typeof SessionDetail>

/** A session without its messages, which are a list of its own in GraphQL; hence of the same name. */
export const SessionHead = SessionDetail.omit({ messages: true }).meta({
  id: 'ConversationSessionDetail',
  description: 'A conversation with an agent.',
})
export type SessionHead = z.infer<typeof SessionHead>

/** The message it belongs to, which is itself or the one it answers, and its id. */
const PlaceInSession = z.tuple([z.string().min(1), z.string().min(1)])
const sessionIds = z.array(z.string().min(1)).min(1).max(MAX_SESSION_MESSAGES).describe('Ids of the sessions, each once.')

/** One page of the messages of each of several sessions, for nested GraphQL fields. */
export const MessagePagesOfSessions = z.object({
  sessionIds,
  perSession: z
    .int()
    .min(1)
    .max(MAX_PAGE + 1)
    .describe('Most messages of each session.'),
  after: PlaceInSession.optional().describe('Only messages before this place.'),
})
export type MessagePagesOfSessions = z.infer<typeof MessagePagesOfSessions>
export const PlacedSessionMessages = z.array(
  z.object({ sessionId: z.string().describe('Id of the session.'), place: PlaceInSession, message: SessionMessage }),
)
export type PlacedSessionMessages = z.infer<typeof PlacedSessionMessages>

export const SessionsToCount = z.object({ sessionIds })
export type SessionsToCount = z.infer<typeof SessionsToCount>
export const SessionMessageTotals = z.array(z.object({ sessionId: z.string().describe('Id of the session.'), total: z.int().min(0) }))
export type SessionMessageTotals = z.infer<typeof SessionMessageTotals>

export const SessionCreated = z
  .object({ sessionId: z.string().describe('Id of the session.'), status: z.literal('active').describe('Always `active`.') })
  .meta({ id: 'SessionCreated', description: 'A session that was begun.' })

export const RecentMessage = z
  .object({ role: SpeakerRole, content: z.string().max(100).describe('Its first 100 characters.') })
  .meta({ id: 'RecentMessage', description: 'The beginning of a message.' })
export const RecentMessages = z.array(RecentMessage).max(10)
export type RecentMessage = z.infer<typeof RecentMessage>
