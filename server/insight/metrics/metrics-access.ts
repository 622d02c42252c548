import { jobContext } from '#server/platform/account/index.ts'
import { accountOf, type AccountContext, isOperator } from '#server/platform/core/index.ts'
import { MetricsForbidden } from './metrics.errors.ts'

/** The context of the account whose metrics are asked for: the caller's own; admins may ask for any. @throws MetricsForbidden */
export async function contextOf(ctx: AccountContext, userId: string): Promise<AccountContext> {
  if (userId === accountOf(ctx)) return ctx
  const theirs = isOperator(ctx.actor) ? await jobContext(ctx.platform, userId) : undefined
  if (!theirs) throw new MetricsForbidden()
  return theirs
}
