import { accountOf, type AccountContext, InvalidInput, newId } from '#server/platform/core/index.ts'
import { nanoUsdAsCents, nanoUsdOfCents } from '#server/platform/money/index.ts'
import { lockAccount } from '#server/platform/account/index.ts'
import { getEntitlements } from '../billing/index.ts'
import type { BudgetUnit } from './budget.ts'
import { type Budget, type BudgetHistory, type BudgetRef, MAX_BUDGETS, MAX_LISTED_WINDOWS, type SetBudget } from './budgets.contract.ts'
import { BudgetLimitReached, BudgetNotFound, BudgetOwnerNotFound } from './budgets.errors.ts'
import * as queries from './budget-views.queries.ts'
import { budgetGateOf } from './gate.service.ts'

/** The budgets of the workspace: what the plan includes, the limits of keys, and those that were set. */
export async function listBudgets(ctx: AccountContext): Promise<Budget[]> {
  await budgetGateOf(ctx.platform).tell()
  return (await queries.listViews(ctx.db, accountOf(ctx), getEntitlements(ctx).monthlyTokens)).map(toBudget)
}

/** @throws BudgetNotFound */
export async function listHistory(ctx: AccountContext, { budgetId }: BudgetRef): Promise<BudgetHistory> {
  const budget = await findBudget(ctx, budgetId)
  const windows = await queries.listWindows(ctx.db, accountOf(ctx), budgetId, MAX_LISTED_WINDOWS)
  return windows.map(({ startsAt, endsAt, cap, spent }) => ({
    startsAt,
    endsAt,
    limit: toShown(budget.unit, cap),
    spent: toShown(budget.unit, spent),
  }))
}

/**
 * Makes a budget, or changes the one there is of the same kind, owner, unit and period.
 *
 * @throws BudgetOwnerNotFound, BudgetLimitReached; InvalidInput for a time zone the database does not know.
 */
export async function setBudget(
  ctx: AccountContext,
  { kind, ownerId, unit, period, limit, timeZone, downgrade }: SetBudget,
): Promise<Budget> {
  const accountId = accountOf(ctx)
  const owner = ownerId ?? accountId
  await lockAccount(ctx.db, accountId)
  if (!(await queries.hasOwner(ctx.db, accountId, kind, owner))) throw new BudgetOwnerNotFound(kind)
  if (!(await queries.knowsZone(ctx.db, timeZone)))
    throw new InvalidInput([{ field: 'timeZone', message: 'expected the name of a time zone, such as Europe/Lisbon' }])
  const { id, count } = await queries.putBudget(ctx.db, accountId, {
    id: newId('budget'),
    kind,
    ownerId: owner,
    unit: unit === 'cents' ? 'nano_usd' : 'tokens',
    period,
    cap: unit === 'cents' ? nanoUsdOfCents(limit) : limit,
    zone: timeZone,
    downgradeModel: downgrade?.model ?? null,
    downgradePercent: downgrade?.percent ?? null,
  })
  if (count > MAX_BUDGETS) throw new BudgetLimitReached(MAX_BUDGETS)
  return toBudget(await findBudget(ctx, id))
}

/** @throws BudgetNotFound also for what comes with a plan or a key, which is changed there. */
export async function removeBudget(ctx: AccountContext, { budgetId }: BudgetRef): Promise<{ success: true }> {
  if (!(await queries.deleteBudget(ctx.db, accountOf(ctx), budgetId))) throw new BudgetNotFound()
  return { success: true }
}

async function findBudget(ctx: AccountContext, budgetId: string): Promise<queries.BudgetView> {
  const views = await queries.listViews(ctx.db, accountOf(ctx), getEntitlements(ctx).monthlyTokens)
  const found = views.find(({ id }) => id === budgetId)
  if (!found) throw new BudgetNotFound()
  return found
}

/** Billionths of a dollar are shown as cents. */
const toShown = (unit: BudgetUnit, amount: number): number => (unit === 'tokens' ? amount : nanoUsdAsCents(amount))

const toBudget = ({ unit, zone, cap, spent, held, reached, downgradeModel, downgradePercent, ...view }: queries.BudgetView): Budget => ({
  ...view,
  unit: unit === 'tokens' ? 'tokens' : 'cents',
  timeZone: zone,
  limit: toShown(unit, cap),
  spent: toShown(unit, spent),
  held: toShown(unit, held),
  state: reached === null ? 'open' : reached === 100 ? 'reached' : 'near',
  downgrade: downgradeModel === null || downgradePercent === null ? null : { model: downgradeModel, percent: downgradePercent },
  isGiven: view.id.includes(':'),
})
