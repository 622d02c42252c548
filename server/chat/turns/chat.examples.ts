import { exampleIds } from '#server/platform/operations/index.ts'
import { exampleMessages } from '../conversations/index.ts'

const agent = { agentId: exampleIds.agent } as const

const sent = { ...agent, sessionId: exampleIds.session, message: 'calculate 2 + 2', topic: 'sums' } as const

const reply = {
  id: exampleMessages[0].id,
  message: sent.message,
  topic: sent.topic,
  status: 'sent',
  timestamp: '2026-03-02T06:40:00.000Z',
  reply: '2 + 2 = 4',
  ...agent,
  replyId: 'msg_01jdx426w8t3d50m9q0r1s2t3v',
  sessionId: exampleIds.session,
  model: 'local/commands',
  usage: { inputTokens: 129, outputTokens: 8, modelCalls: 2, estimatedCalls: 0, cost: 0, unpricedCalls: 0 },
} as const

const events = [
  { type: 'start', id: reply.id, ...agent, sessionId: exampleIds.session },
  { type: 'tool-input', id: 'local-2', name: 'calculate', text: '{"expression":"2 + 2"}' },
  { type: 'tool', name: 'calculate', input: { expression: '2 + 2' }, result: { expression: '2 + 2', result: 4 } },
  { type: 'delta', text: '2 + 2' },
  { type: 'delta', text: ' = 4' },
  { type: 'done', ...reply },
] as const

const unanswered = { messageId: exampleIds.unansweredMessage } as const

export const examples = {
  list: { input: { ...agent, topic: sent.topic, limit: 10, offset: 0 }, output: exampleMessages },
  send: { input: sent, output: reply },
  stream: { input: sent, output: events },
  retry: { input: unanswered, output: reply },
  streamRetry: { input: unanswered, output: events },
} as const
