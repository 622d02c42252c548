import { accountOf, type AccountContext } from '#server/platform/core/index.ts'
import type { ChatReply } from './chat.contract.ts'
import * as queries from './chat.queries.ts'
import { summarizeUsage } from './chat.rules.ts'

/** What an agent answered to a message before; undefined while there is no complete answer. */
export async function findReply(ctx: AccountContext, messageId: string): Promise<ChatReply | undefined> {
  const stored = await queries.findStoredReply(ctx.db, accountOf(ctx), messageId)
  if (!stored?.sessionId) return undefined
  const { content, turnId, sessionId, ...reply } = stored
  const calls = await queries.listCallsOfTurn(ctx.db, accountOf(ctx), turnId)
  return {
    id: messageId,
    message: content,
    status: 'sent',
    ...reply,
    sessionId,
    model: calls.findLast(({ outcome }) => outcome === 'ok')?.model ?? null,
    usage: summarizeUsage(calls),
  }
}
