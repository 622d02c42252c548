import { z } from 'zod'
import { DEFAULT_AGENT_RULE } from '#server/agents/definitions/agents.contract.ts'
import { FilterMessages, ListMessages, Message, MessageList } from '../conversations/conversations.contract.ts'
import { timestamp } from '#server/platform/core/common.contract.ts'
import { spokenText } from '#server/platform/core/texts.contract.ts'

export { FilterMessages, ListMessages, Message, MessageList }

export const SendMessage = z.object({
  message: spokenText(32_000).describe('What to say, 1 to 32,000 characters.'),
  topic: z.string().max(100, 'expected at most 100 characters').optional().describe('A word to find the message by.'),
  agentId: z
    .string()
    .min(1)
    .optional()
    .describe(`Agent to talk to. When left out: the one the session is with, else ${DEFAULT_AGENT_RULE}.`),
  sessionId: z.string().min(1).optional().describe('Session to go on with. Else the active one, or a new one.'),
})
export type SendMessage = z.infer<typeof SendMessage>

export const RetryMessage = z.object({ messageId: z.string().min(1, 'expected the id of a message').describe('Id of the message.') })
export type RetryMessage = z.infer<typeof RetryMessage>

export const ChatUsage = z
  .object({
    inputTokens: z.int().min(0).nullable().describe('As the provider counted; null when it did not say of a call.'),
    outputTokens: z.int().min(0).nullable().describe('As the provider counted; null when it did not say of a call.'),
    modelCalls: z.int().min(0).describe('How often a model was called, tools included.'),
    estimatedCalls: z.int().min(0).describe('Calls whose tokens the provider did not say: they were estimated, and with them their cost.'),
    cost: z.number().min(0).nullable().describe('US dollars, of the calls whose price is known; null where there was no such call.'),
    unpricedCalls: z.int().min(0).describe('Calls whose price is not known, which `cost` is without.'),
  })
  .meta({ id: 'ChatUsage', description: 'What an answer took.' })
export type ChatUsage = z.infer<typeof ChatUsage>

export const ChatReply = z
  .object({
    id: z.string().describe('Id of the stored user message.'),
    message: z.string().describe('The message as stored.'),
    topic: z.string().nullable().describe('Topic the sender named; null when there is none.'),
    status: z.literal('sent').describe('Always `sent`.'),
    timestamp: timestamp.describe('When the answer was stored.'),
    reply: z.string().describe('What the agent answered.'),
    agentId: z.string().describe('Id of the agent that answered.'),
    replyId: z.string().describe('Id of the stored reply.'),
    sessionId: z.string().describe('Session the message is in.'),
    model: z.string().nullable().describe('Model that answered, which may be a fallback; null where that is not known.'),
    usage: ChatUsage,
  })
  .meta({ id: 'ChatReply', description: 'A message, and what the agent answered.' })
export type ChatReply = z.infer<typeof ChatReply>

export const ChatStarted = z
  .object({
    type: z.literal('start').describe('Always `start`.'),
    id: z.string().describe('Id of the stored message.'),
    agentId: z.string().describe('Id of the agent that answers.'),
    sessionId: z.string().describe('Session the message is in.'),
  })
  .meta({ id: 'ChatStarted', description: 'The message is stored, and the agent begins.' })
export const ChatDelta = z
  .object({ type: z.literal('delta').describe('Always `delta`.'), text: z.string().describe('What it adds to the answer.') })
  .meta({ id: 'ChatDelta', description: 'The next piece of the answer.' })
export const ChatReasoning = z
  .object({
    type: z.literal('reasoning').describe('Always `reasoning`.'),
    text: z.string().describe('What it adds to what the model thinks.'),
  })
  .meta({ id: 'ChatReasoning', description: 'The next piece of what the model thinks, where it says so. It is not stored.' })
export const ChatToolInput = z
  .object({
    type: z.literal('tool-input').describe('Always `tool-input`.'),
    id: z.string().describe('Of the call, the same for all its pieces.'),
    name: z.string().describe('Name of the tool.'),
    text: z.string().describe('What it adds to the input, which is JSON once it is whole.'),
  })
  .meta({ id: 'ChatToolInput', description: 'The next piece of what the model is about to call a tool with.' })
export const ChatToolUse = z
  .object({
    type: z.literal('tool').describe('Always `tool`.'),
    name: z.string().describe('Name of the tool.'),
    input: z.unknown().describe('What the model called it with.'),
    result: z.unknown().describe('What it got back.'),
  })
  .meta({ id: 'ChatToolUse', description: 'A tool the model called, and what it got back.' })
export const ChatDone = z
  .object({ type: z.literal('done').describe('Always `done`.'), ...ChatReply.shape })
  .meta({ id: 'ChatDone', description: 'The whole answer, at the end.' })

/** What happens while an agent answers; a failure ends the stream with the transport's own kind of error. */
export const ChatEvent = z
  .discriminatedUnion('type', [ChatStarted, ChatReasoning, ChatDelta, ChatToolInput, ChatToolUse, ChatDone])
  .meta({ id: 'ChatEvent', description: 'What happens while an agent answers.' })
export type ChatEvent = z.infer<typeof ChatEvent>
