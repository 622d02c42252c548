import { z } from 'zod'
import { FilterMessages, ListMessages, Message, MessageList } from '../conversations/conversations.contract.ts'
import { timestamp } from '#server/platform/core/common.contract.ts'

export { FilterMessages, ListMessages, Message, MessageList }

export const SendMessage = z.object({
  message: z.string().min(1, 'expected 1 to 32000 characters').max(32_000, 'expected 1 to 32000 characters'),
  topic: z.string().max(100, 'expected at most 100 characters').optional(),
  agentId: z.string().min(1).optional().describe('Agent to talk to; your oldest running agent when left out.'),
  sessionId: z.string().min(1).optional().describe('Session to go on with. Else the active one, or a new one.'),
})
export type SendMessage = z.infer<typeof SendMessage>

export const RetryMessage = z.object({ messageId: z.string().min(1, 'expected the id of a message') })
export type RetryMessage = z.infer<typeof RetryMessage>

export const ChatUsage = z
  .object({
    inputTokens: z.int().min(0).nullable().describe('As the provider counted; null when it did not say.'),
    outputTokens: z.int().min(0).nullable(),
    modelCalls: z.int().min(0),
    cost: z.number().min(0).nullable().describe('US dollars; null when the price of a model is unknown.'),
  })
  .meta({ id: 'ChatUsage' })
export type ChatUsage = z.infer<typeof ChatUsage>

export const ChatReply = z
  .object({
    id: z.string().describe('Id of the stored user message.'),
    message: z.string().describe('The message as stored.'),
    topic: z.string().nullable(),
    status: z.literal('sent'),
    timestamp,
    reply: z.string().describe('What the agent answered.'),
    agentId: z.string(),
    replyId: z.string().describe('Id of the stored reply.'),
    sessionId: z.string(),
    model: z.string().describe('Model that answered.'),
    usage: ChatUsage,
  })
  .meta({ id: 'ChatReply' })
export type ChatReply = z.infer<typeof ChatReply>

export const ChatStarted = z
  .object({ type: z.literal('start'), id: z.string().describe('Id of the stored message.'), agentId: z.string(), sessionId: z.string() })
  .meta({ id: 'ChatStarted' })
export const ChatDelta = z.object({ type: z.literal('delta'), text: z.string() }).meta({ id: 'ChatDelta' })
export const ChatToolUse = z
  .object({ type: z.literal('tool'), name: z.string(), input: z.unknown(), result: z.unknown() })
  .meta({ id: 'ChatToolUse', description: 'A tool the model called, and what it got back.' })
export const ChatDone = z.object({ type: z.literal('done'), ...ChatReply.shape }).meta({ id: 'ChatDone' })

/** What happens while an agent answers; a failure ends the stream with the door's own kind of error. */
export const ChatEvent = z.discriminatedUnion('type', [ChatStarted, ChatDelta, ChatToolUse, ChatDone]).meta({ id: 'ChatEvent' })
export type ChatEvent = z.infer<typeof ChatEvent>
