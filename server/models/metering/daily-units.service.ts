import { getEntitlements } from '#server/money/billing/index.ts'
import { accountOf, type AccountContext, type AccountId, type Platform } from '#server/platform/core/index.ts'
import * as queries from './daily-units.queries.ts'
import { sumMonthTokens } from './month-tokens.queries.ts'
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

/** How many tokens the account's calls took this month (UTC). */
export async function readMonthTokens(ctx: AccountContext): Promise<number> {
  await flushUsage(ctx.platform)
  return sumMonthTokens(ctx.db, accountOf(ctx))
}

interface Counted {
  day: string
  readAt: number
  units: Promise<{ used: number }>
}

/** What other servers count is seen after this long. */
const MAX_AGE_MS = 5_000
const MAX_ACCOUNTS = 10_000
const counts = new WeakMap<Platform, Map<AccountId, Counted>>()

/**
 * Takes one of the units that the account has left today. They are counted in memory, and read anew every few seconds; calls that are
 * under way at another server when the last is used are finished.
 *
 * @throws DailyUnitsUsed
 */
export async function takeDailyUnit(ctx: AccountContext): Promise<void> {
  const limit = getEntitlements(ctx).dailyUnits
  if (limit === null) return
  const units = await countedUnits(ctx)
  if (units.used >= limit) throw new DailyUnitsUsed(units.used, limit)
  units.used += 1
}

/** The units used today as far as is known; those who ask at the same moment share what is read. */
function countedUnits(ctx: AccountContext): Promise<{ used: number }> {
  const byAccount = counts.get(ctx.platform) ?? new Map<AccountId, Counted>()
  counts.set(ctx.platform, byAccount)
  const accountId = accountOf(ctx)
  const day = new Date().toISOString().slice(0, 10)
  const known = byAccount.get(accountId)
  if (known?.day === day && performance.now() - known.readAt < MAX_AGE_MS) return known.units
  if (byAccount.size >= MAX_ACCOUNTS) byAccount.delete(byAccount.keys().next().value!)
  const units = readDailyUnits(ctx).then(({ used }) => ({ used }))
  units.catch(() => byAccount.delete(accountId))
  byAccount.set(accountId, { day, readAt: performance.now(), units })
  return units
}
