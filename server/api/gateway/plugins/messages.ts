import { z } from 'zod'
import { isVisible } from '#server/platform/core/texts.contract.ts'

const MAX_MESSAGES = 200
/** Of all messages together: a call has a fixed price, so there is an end to what a model has to read for it. */
const MAX_CHARACTERS = 32_000

const Message = z.object({ role: z.enum(['system', 'user', 'assistant']), content: z.string() })
type Message = z.output<typeof Message>

const isQuestion = ({ role, content }: Message): boolean => role === 'user' && isVisible(content)

/** A conversation somebody else keeps: at least one message is the user's, and says something. */
export const Messages = z
  .array(Message, { error: 'expected a list of messages' })
  .max(MAX_MESSAGES, `expected at most ${MAX_MESSAGES} messages`)
  .refine((messages) => messages.some(isQuestion), 'expected at least one message with the role user that says something')
  .refine(
    (messages) => messages.reduce((sum, { content }) => sum + content.length, 0) <= MAX_CHARACTERS,
    `expected at most ${MAX_CHARACTERS} characters in all messages together`,
  )

/** What the user said last. */
export const lastQuestion = (messages: Message[]): string => messages.findLast(isQuestion)!.content
