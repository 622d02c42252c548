import { expect, test } from 'vitest'
import type { Message } from '../../../../server/chat/conversations/conversations.contract.ts'
import { advance, newTurn, withAnswer, type Done } from './live-turn.ts'

const now = '2026-03-10T15:30:00.000Z'

const done: Done = {
  type: 'done',
  id: 'question',
  message: 'Hello',
  topic: null,
  status: 'sent',
  timestamp: now,
  reply: 'Good day',
  agentId: 'ada',
  replyId: 'reply',
  sessionId: 'session',
  model: 'local/commands',
  usage: { inputTokens: 1, outputTokens: 2, modelCalls: 1, estimatedCalls: 0, cost: null, unpricedCalls: 1 },
}

const message = (id: string, more: Partial<Message> = {}): Message => ({
  id,
  agentId: 'ada',
  sender: 'user',
  content: id,
  timestamp: now,
  platform: 'webchat',
  topic: null,
  sessionId: 'session',
  replyTo: null,
  isPartial: false,
  state: 'answered',
  ...more,
})

const idsOf = (messages: Message[]) => messages.map(({ id }) => id)

test('a turn collects what the agent says and does', () => {
  const turn = [
    { type: 'start', id: 'question', agentId: 'ada', sessionId: 'session' } as const,
    { type: 'reasoning', text: 'They ask ' } as const,
    { type: 'reasoning', text: 'for a name.' } as const,
    { type: 'tool-input', id: 'call', name: 'recall', text: '{"key":' } as const,
    { type: 'tool', name: 'recall', input: { key: 'name' }, result: { found: false } } as const,
    { type: 'delta', text: 'Good ' } as const,
    { type: 'delta', text: 'day' } as const,
    done,
  ].reduce(advance, newTurn('Hello'))
  expect(turn).toMatchObject({
    content: 'Hello',
    messageId: 'question',
    text: 'Good day',
    tools: [{ name: 'recall' }],
    nextTool: null,
    reasoning: 'They ask for a name.',
  })
})

test('a turn says which tool is about to be used', () => {
  expect(advance(newTurn('Hello'), { type: 'tool-input', id: 'call', name: 'recall', text: '{' })).toMatchObject({
    nextTool: 'recall',
    tools: [],
  })
})

test('a new question and its answer come before older messages', () => {
  expect(idsOf(withAnswer([message('older')], done, now))).toEqual(['reply', 'question', 'older'])
})

test('a retried question keeps its place, and the answer that was cut off goes', () => {
  const before = [
    message('part', { sender: 'agent', replyTo: 'question', isPartial: true, state: null }),
    message('question', { state: 'aborted' }),
  ]
  const after = withAnswer(before, done, now)
  expect(idsOf(after)).toEqual(['reply', 'question'])
  expect(after[1]).toMatchObject({ state: 'answered' })
})

test('a question the list has meanwhile learned of is not shown twice', () => {
  expect(idsOf(withAnswer([message('question', { state: 'running' })], done, now))).toEqual(['reply', 'question'])
})
