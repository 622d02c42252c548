import { accountOf, type AccountContext } from '#server/platform/core/index.ts'
import { AnswerUnderWay } from './chat.errors.ts'
import * as queries from './chat.queries.ts'
import { streamMessage, streamRetry } from './chat.service.ts'
import { giveUpAbandonedTurns } from './turn-queue.ts'

/** A message nobody waits for the answer of. */
export interface Delivery {
  agentId: string
  message: string
  /** Id of the message when an earlier attempt stored it already. */
  messageId: string | undefined
}

/** What came of it. */
export interface Delivered {
  agentId: string
  messageId: string
  replyId: string
  reply: string
}

/**
 * Has an agent answer a message that may have been sent before: it is stored once, and what was answered
 * already is not asked again.
 *
 * @param onStored Called with the id of the message before the agent begins.
 * @throws AnswerUnderWay, and what sendMessage and retryMessage throw.
 */
export async function deliverMessage(
  ctx: AccountContext,
  delivery: Delivery,
  onStored: (messageId: string) => Promise<void>,
): Promise<Delivered> {
  const { agentId, message, messageId } = delivery
  const earlier = messageId === undefined ? undefined : await findEarlier(ctx, messageId)
  if (messageId && earlier?.replyId) return { agentId, messageId, replyId: earlier.replyId, reply: earlier.reply ?? '' }
  if (messageId && earlier && isOpen(earlier.state)) throw new AnswerUnderWay(messageId)
  const events = messageId && earlier ? streamRetry(ctx, { messageId }) : streamMessage(ctx, { message, agentId })
  for await (const event of events) {
    if (event.type === 'start') await onStored(event.id)
    if (event.type === 'done') return { agentId, messageId: event.id, replyId: event.replyId, reply: event.reply }
  }
  throw new Error('The answer ended without an end.')
}

const isOpen = (state: string | null): boolean => state === 'queued' || state === 'running'

/** What became of the message so far. A turn of a server that died is given up first, so that it can be retried. */
async function findEarlier(ctx: AccountContext, messageId: string) {
  const answer = await queries.findAnswer(ctx.db, accountOf(ctx), messageId)
  if (!answer || answer.replyId !== null || !isOpen(answer.state)) return answer
  await giveUpAbandonedTurns(ctx, answer.agentId)
  return queries.findAnswer(ctx.db, accountOf(ctx), messageId)
}
