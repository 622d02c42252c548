import { requireScope } from '#server/platform/operations/index.ts'
import { accountOf, type Context, hasAccount } from '#server/platform/core/index.ts'
import type { PluginContext } from './plugin.ts'

/**
 * On whose account a plugin calls models. What was paid by itself is nobody's as far as plans, their models and their
 * limits are concerned; it is still among the usage of the caller, or else of the account whose payment session pays.
 *
 * @throws Forbidden for a key without the scope `models:write`, whatever pays.
 */
export function payerOf(ctx: PluginContext): Context {
  requireScope(ctx, 'models:write')
  if (ctx.isInPlan) return ctx
  const accountId = hasAccount(ctx) ? accountOf(ctx) : ctx.sessionOwner
  return { ...ctx, actor: { kind: 'anonymous' }, ...(accountId === undefined ? {} : { prepaidFor: accountId }) }
}
