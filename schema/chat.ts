import { operations } from '#server/operations.ts'
import { exposeMutations, exposeQueries, exposeSubscriptions } from './expose.ts'

const { chat, conversations, memory } = operations

exposeQueries({
  messages: chat.list,
  agentMessages: conversations.agentMessages,
  conversations: conversations.list,
  conversation: conversations.get,
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
