import type { Context } from '#server/platform/core/index.ts'
import { formatNanoUsd } from '#server/platform/money/index.ts'

/**
 * What an answer cost, and the milliseconds this server added to it.
 *
 * @param costNanoUsd Billionths of a US dollar; null where it is unknown, or not known yet.
 * @param elsewhereMs How much of the time since the request came was spent by providers.
 */
export function addCostHeaders(ctx: Context, costNanoUsd: number | null, elsewhereMs: number): void {
  const { headers } = ctx.reply
  headers['X-Agentbot-Overhead-Ms'] = Math.max(0, performance.now() - ctx.startedAt - elsewhereMs).toFixed(2)
  if (costNanoUsd !== null) headers['X-Agentbot-Cost'] = formatNanoUsd(costNanoUsd)
}
