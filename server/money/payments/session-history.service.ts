import { accountOf, type Context, hasAccount } from '#server/platform/core/index.ts'
import { PaymentSessionNotFound } from './sessions.errors.ts'
import { findSessionById } from './sessions.queries.ts'
import { voucherChainId } from './sessions.rules.ts'
import { loadSignatureRules } from './voucher-signature.ts'

/**
 * Lets in who may see what was charged to a session: the account that opened it, or whoever its wallet has signed it for.
 *
 * @throws PaymentSessionNotFound for everybody else.
 */
export async function requireHistory(ctx: Context, sessionId: string, signature: string | undefined): Promise<void> {
  const { databases, env } = ctx.platform
  const session = await findSessionById(databases.system, sessionId)
  if (session && hasAccount(ctx) && accountOf(ctx) === session.accountId) return
  const { recoverReader } = await loadSignatureRules()
  const reader = signature === undefined ? undefined : recoverReader(sessionId, voucherChainId(env), signature)
  if (!session || reader !== session.address) throw new PaymentSessionNotFound()
}
