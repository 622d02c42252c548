import { getQuotas } from '#server/money/billing/index.ts'
import { accountOf, type AccountContext } from '#server/platform/core/index.ts'
import { ScheduleLimitReached, ScheduleTooFrequent } from './schedules.errors.ts'
import * as queries from './schedules.queries.ts'
import { minIntervalOf, type Recurrence } from './schedules.rules.ts'

/** Within the transaction that adds one: no other call of the account adds one meanwhile. @throws ScheduleLimitReached */
export async function requireRoom(ctx: AccountContext): Promise<void> {
  const { schedules: limit } = getQuotas(ctx)
  const current = await queries.lockScheduleCount(ctx.db, accountOf(ctx))
  if (current >= limit) throw new ScheduleLimitReached(current, limit)
}

/**
 * @param field Of the input, for the error.
 * @throws ScheduleTooFrequent
 */
export function requireInterval(ctx: AccountContext, field: string, recurrence: Recurrence): void {
  const limit = getQuotas(ctx).minScheduleSeconds * 1000
  const current = minIntervalOf(recurrence, new Date())
  if (current < limit) throw new ScheduleTooFrequent(field, current, limit)
}
