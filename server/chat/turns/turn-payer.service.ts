import { accountOf, type AccountContext } from '#server/platform/core/index.ts'
import { limitedKeyOf } from '#server/models/metering/index.ts'
import * as queries from './chat.queries.ts'

// An agent outside of this server calls models with a key of its own. While it answers a message that was sent with a
// key that may spend only so much, its calls are that key's: they are held to its limit and count against it.

/** Notes, before an agent is asked, whose spending its model calls are. */
export async function notePayer(ctx: AccountContext, turnId: string): Promise<void> {
  const keyId = limitedKeyOf(ctx)
  if (keyId !== null) await queries.setTurnKey(ctx.db, accountOf(ctx), turnId, keyId)
}

/** The context in which a call is made that may be one of an agent's: with the key of the message it is answering, if that is limited. */
export async function asPayer(ctx: AccountContext): Promise<AccountContext> {
  const { actor } = ctx
  if (actor.kind !== 'key' || actor.agentId === null) return ctx
  const payer = await queries.findTurnPayer(ctx.db, accountOf(ctx), actor.agentId)
  return payer ? { ...ctx, actor: { ...actor, ...payer } } : ctx
}
