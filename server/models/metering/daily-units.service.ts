import { getEntitlements } from '#server/money/billing/index.ts'
import { accountOf, type AccountContext } from '#server/platform/core/index.ts'
import * as queries from './daily-units.queries.ts'
import { DailyUnitsUsed } from './metering.errors.ts'
import { flushUsage } from './metering.service.ts'

/** What of a day's units (UTC) is used. A unit is one call of a model on the server's keys; calls on keys of one's own, and those paid one by one, take none. */
export interface DailyUnits {
  used: number
  /** Null for no limit. */
  limit: number | null
}

/** How many units the account has used today. */
export async function readDailyUnits(ctx: AccountContext): Promise<DailyUnits> {
  await flushUsage(ctx.platform)
  return { used: await queries.countUnits(ctx.db, accountOf(ctx)), limit: getEntitlements(ctx).dailyUnits }
}

/**
 * Whether the account has units left today. Calls that are under way when the last is used are finished.
 *
 * @throws DailyUnitsUsed
 */
export async function enforceDailyUnits(ctx: AccountContext): Promise<void> {
  if (getEntitlements(ctx).dailyUnits === null) return
  const { used, limit } = await readDailyUnits(ctx)
  if (limit !== null && used >= limit) throw new DailyUnitsUsed(used, limit)
}
