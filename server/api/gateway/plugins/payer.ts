import { requireScope } from '#server/platform/operations/index.ts'
import type { Context } from '#server/platform/core/index.ts'
import type { PluginContext } from './plugin.ts'

/**
 * On whose account a plugin calls models. What was paid by itself is nobody's as far as plans, their models and their
 * limits are concerned.
 *
 * @throws Forbidden for a key without the scope `models:write`, whatever pays.
 */
export function payerOf(ctx: PluginContext): Context {
  requireScope(ctx, 'models:write')
  return ctx.isInPlan ? ctx : { ...ctx, actor: { kind: 'anonymous' } }
}
