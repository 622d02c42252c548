import { MAX_SESSION_MESSAGES, SessionHead, SessionMessage } from '#server/chat/conversations/conversations.contract.ts'
import { messagePagesOfSessions, messageTotalsOfSessions, sessionHead } from '#server/chat/conversations/conversations.operations.ts'
import { execute, placeByIds } from '#server/platform/operations/index.ts'
import { operations } from '#server/operations.ts'
import { exposeMutations, exposeQueries, exposeSubscriptions } from './expose.ts'
import { defineNestedList } from './loaders.ts'
import { exposeNestedList } from './nested-lists.ts'

const { chat, conversations, memory } = operations

exposeQueries({
  messages: chat.list,
  agentMessages: conversations.agentMessages,
  conversations: conversations.list,
  conversation: sessionHead,
  recentMessages: conversations.recent,
  memory: memory.get,
})

exposeMutations({
  sendMessage: chat.send,
  retryMessage: chat.retry,
  createConversation: conversations.create,
  storeMemory: memory.store,
  deleteMemory: memory.delete,
})

exposeSubscriptions({
  messageStream: chat.stream,
  retryStream: chat.streamRetry,
})

const messages = defineNestedList({
  name: sessionHead.name,
  place: placeByIds,
  most: MAX_SESSION_MESSAGES,
  async list(call, sessionIds, perSession, after) {
    const found = await execute(messagePagesOfSessions, call, { sessionIds, perSession, after })
    return found.map(({ sessionId, place, message }) => ({ parentId: sessionId, place, node: message }))
  },
  async count(call, sessionIds) {
    const totals = await execute(messageTotalsOfSessions, call, { sessionIds })
    return totals.map(({ sessionId, total }) => ({ parentId: sessionId, total }))
  },
})

exposeNestedList(SessionHead, 'messages', {
  node: SessionMessage,
  description: 'Its messages, newest first; an answer comes right before the message it answers.',
  // A message can be long.
  cost: 2,
  list: messages,
})
