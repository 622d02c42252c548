import { z } from 'zod'
import { conversations } from '../conversations/conversations.operations.ts'
import { MessageList, MessagePage } from '../conversations/conversations.contract.ts'
import { bind } from '#server/platform/operations/index.ts'
import { chat } from './chat.operations.ts'

const History = z.object({ messages: MessageList, count: z.int().min(0).describe('Messages in this answer.') })
const AgentMessages = z.object({ ...MessagePage.shape, status: z.literal('ok') })

export const chatRest = {
  list: bind({
    id: 'listChatMessages',
    tag: 'chat',
    operation: chat.list,
    output: History,
    body: (messages) => ({ messages, count: messages.length }),
    errors: [404],
  }),
  send: bind({ id: 'sendChatMessage', tag: 'chat', operation: chat.send, stream: chat.stream, errors: [402, 404, 502, 503] }),
  retry: bind({ id: 'retryChatMessage', tag: 'chat', operation: chat.retry, stream: chat.streamRetry, errors: [402, 404, 409, 502, 503] }),
  agentMessages: bind({
    id: 'listAgentMessages',
    tag: 'agents',
    operation: conversations.agentMessages,
    params: { id: 'agentId' },
    output: AgentMessages,
    body: (page) => ({ ...page, status: 'ok' }),
    errors: [404],
  }),
}
