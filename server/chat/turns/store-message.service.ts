import { lockAgent } from '#server/agents/definitions/index.ts'
import { accountOf, type AccountContext, newId, inTransaction } from '#server/platform/core/index.ts'
import { nextPlace, resumeSession } from '../conversations/index.ts'
import * as queries from './chat.queries.ts'

/** What storing a message needs besides who sends it. */
interface IncomingMessage {
  agentId: string
  /** Session it is sent to; the active one, or a new one, when undefined. */
  sessionId: string | undefined
  turnId: string
  content: string
  topic: string | null
}

/**
 * Stores a message in the session it is sent to, which becomes the active one, together with the turn that
 * answers it. Messages to an agent that come at once are stored one after the other.
 *
 * @throws AgentNotFound, SessionNotFound
 */
export const storeMessage = (
  ctx: AccountContext,
  { sessionId, ...message }: IncomingMessage,
): Promise<queries.StoredMessage & { messageId: string }> =>
  inTransaction(ctx.db, async (db) => {
    const inner = { ...ctx, db }
    await lockAgent(inner, message.agentId)
    if (sessionId) await resumeSession(inner, message.agentId, sessionId)
    const row = {
      ...message,
      ...(await nextPlace(inner, message.agentId)),
      newSessionId: newId('session'),
      platform: ctx.actor.kind === 'session' ? ('webchat' as const) : ('api' as const),
      serverId: ctx.platform.serverId,
    }
    const stored = await queries.insertMessage(db, accountOf(ctx), row)
    await ctx.attempt?.note(db, row.messageId, message.agentId)
    return { messageId: row.messageId, ...stored }
  })
