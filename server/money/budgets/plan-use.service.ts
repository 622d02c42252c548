import { accountOf, type AccountContext } from '#server/platform/core/index.ts'
import { budgetGateOf } from './gate.service.ts'
import { findPlanUse } from './plan-use.queries.ts'

/**
 * What the workspace has used of its plan: units of today and tokens of this month (UTC). A unit is one call of a model on the server's
 * keys that was answered; calls on keys of one's own, and those paid one by one, take none.
 */
export async function readPlanUse(ctx: AccountContext): Promise<{ units: number; tokens: number }> {
  await budgetGateOf(ctx.platform).tell()
  return findPlanUse(ctx.db, accountOf(ctx))
}
