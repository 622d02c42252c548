import { exampleIds } from '#server/platform/operations/index.ts'

const agent = { agentId: exampleIds.agent } as const
const SAID_AT = 1_772_433_600_000

const message = {
  id: 'msg_01jdx415v7s2c4zk8p9q0r1s2t',
  ...agent,
  sender: 'user',
  content: 'calculate 2 + 2',
  timestamp: '2026-03-02T06:40:00.000Z',
  platform: 'api',
  topic: 'sums',
  sessionId: exampleIds.session,
  replyTo: null,
  isPartial: false,
  state: 'answered',
} as const

const session = { id: exampleIds.session, status: 'active', createdAt: SAID_AT, lastActivity: SAID_AT } as const

/** What `chat.list` answers with, too. */
export const exampleMessages = [message] as const

const sessionMessages = [
  { role: 'user', content: message.content, timestamp: SAID_AT },
  { role: 'assistant', content: '2 + 2 = 4', timestamp: SAID_AT },
] as const
const { id: asked } = message

export const examples = {
  list: { input: agent, output: [{ ...session, messageCount: 2 }] },
  get: {
    input: { ...agent, sessionId: exampleIds.session },
    output: {
      ...session,
      messages: sessionMessages,
      userId: exampleIds.account,
    },
  },
  create: { input: agent, output: { sessionId: exampleIds.session, status: 'active' } },
  recent: {
    input: agent,
    output: [
      { role: 'user', content: message.content },
      { role: 'assistant', content: '2 + 2 = 4' },
    ],
  },
  agentMessages: {
    input: { ...agent, limit: 10, offset: 0 },
    output: { messages: exampleMessages, total: 1, limit: 10, offset: 0 },
  },
  messagesOfAgents: {
    input: { agentIds: [exampleIds.agent], perAgent: 5 },
    output: [{ ...agent, messages: exampleMessages }],
  },
  messagePagesOfAgents: { input: { agentIds: [exampleIds.agent], perAgent: 5 }, output: exampleMessages },
  messageTotalsOfAgents: { input: { agentIds: [exampleIds.agent] }, output: [{ ...agent, total: 1 }] },
  getHead: { input: { ...agent, sessionId: exampleIds.session }, output: { ...session, userId: exampleIds.account } },
  messagePagesOfSessions: {
    input: { sessionIds: [exampleIds.session], perSession: 5 },
    output: [
      { sessionId: exampleIds.session, place: [asked, 'msg_01jdx4167m3f8q2w5e9r1t4y6u'], message: sessionMessages[1] },
      { sessionId: exampleIds.session, place: [asked, asked], message: sessionMessages[0] },
    ],
  },
  messageTotalsOfSessions: { input: { sessionIds: [exampleIds.session] }, output: [{ sessionId: exampleIds.session, total: 2 }] },
} as const
