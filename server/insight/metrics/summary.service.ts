import { accountOf, type AccountContext } from '#server/platform/core/index.ts'
import { contextOf } from './metrics-access.ts'
import type { MetricsSummary, OfAccount } from './metrics.contract.ts'
import * as queries from './metrics.queries.ts'
import { changeOf } from './metrics.rules.ts'

/**
 * The skills of the account's agents. Nothing books money, bookings, fans or streams to an account, so there are
 * none of them, and nothing is said of how they changed.
 *
 * @throws MetricsForbidden
 */
export async function getSummary(ctx: AccountContext, { userId }: OfAccount): Promise<MetricsSummary> {
  const theirs = await contextOf(ctx, userId)
  const { active, total, before } = await queries.countSkills(theirs.db, accountOf(theirs))
  return {
    revenue: { month: '$0.00', total: '$0.00', change: null },
    bookings: { completed: 0, pending: 0, conversion: null },
    fans: { total: 0, active: 0, growth: null, segmentation: { superfans: 0, casual: 0, new: 0 } },
    streams: { monthlyListeners: null, monthlyStreams: 0, growth: null },
    skills: { active, total, growth: changeOf(before, total) },
  }
}
