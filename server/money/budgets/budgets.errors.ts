import { AppError } from '#server/platform/core/index.ts'
import { formatUsd, microUsdWithin, nanoUsdAsCents } from '#server/platform/money/index.ts'
import type { Budget } from './budget.ts'
import type { PeriodState } from './exchange-line.ts'

/** Clients wait for as long as they are told to, whatever that is: after a minute they had better give up. */
const MAX_RETRY_SECONDS = 60

/** When it starts over, for those who read it; what waits for it by itself is told only of what is near. */
const resetOf = ({ endsAt, secondsLeft }: PeriodState) => ({
  resetsAt: endsAt,
  ...(secondsLeft <= MAX_RETRY_SECONDS ? { retryAfterSeconds: Math.max(Math.ceil(secondsLeft), 1) } : {}),
})

/** The tokens of the plan are used up for this month. `details`: `used`, `limit`, and when it starts over. */
class QuotaExceeded extends AppError {
  constructor(state: PeriodState) {
    const { cap: limit, spent: used } = state
    const message = `The ${limit} tokens of this month are used up, or too few are left for this call. A bigger plan has more.`
    super('rate_limited', 'QUOTA_EXCEEDED', message, { used, limit, ...resetOf(state) })
  }
}

/** The units of the plan are used up for today. `details`: `current`, `limit`, and when they start over. */
class DailyUnitsUsed extends AppError {
  constructor(state: PeriodState) {
    const { cap: limit, spent: current } = state
    const message = `The ${limit} units of today are used up. A bigger plan has more, and keys of your own take none.`
    super('rate_limited', 'DAILY_UNITS_USED', message, { current, limit, ...resetOf(state) })
  }
}

/** The API key has spent what it may in a month, or would with this call. `details`: `spentCents`, `limitCents`. */
class SpendLimitReached extends AppError {
  constructor(state: PeriodState) {
    const message = `This API key may spend ${dollars(state.cap)} US dollars a month, which is used up, or too little for this call.`
    const details = { spentCents: nanoUsdAsCents(state.spent), limitCents: nanoUsdAsCents(state.cap) }
    super('rate_limited', 'SPEND_LIMIT_REACHED', message, { ...details, ...resetOf(state) })
  }
}

/** Billionths of a dollar for people. */
const dollars = (nanoUsd: number): string => formatUsd(microUsdWithin(nanoUsd))

const owners = { workspace: 'This workspace', member: 'This member of the workspace', agent: 'This agent', key: 'This API key' } as const

/**
 * A budget is used up, or too little of it is left for the call. `details`: `budgetId`, its `kind`, `unit` and `period`,
 * what was `spent` of the `limit`, both in units of the budget, and when it starts over.
 */
class BudgetReached extends AppError {
  constructor(budget: Budget & { kind: keyof typeof owners }, state: PeriodState) {
    const { id, kind, unit, period } = budget
    const limit = unit === 'tokens' ? `use ${state.cap} tokens` : `spend ${dollars(state.cap)} US dollars`
    const message = `${owners[kind]} may ${limit} a ${period}, which is used up, or too little for this call.`
    super('rate_limited', 'BUDGET_REACHED', message, {
      budgetId: id,
      kind,
      unit,
      period,
      spent: state.spent,
      limit: state.cap,
      ...resetOf(state),
    })
  }
}

/** What a call is told that does not fit into a budget. */
export function refusalOf(budget: Budget, state: PeriodState): AppError {
  if (budget.kind === 'plan') return budget.unit === 'calls' ? new DailyUnitsUsed(state) : new QuotaExceeded(state)
  if (budget.id === `key:${budget.ownerId}`) return new SpendLimitReached(state)
  return new BudgetReached(budget as Budget & { kind: keyof typeof owners }, state)
}

const codes = new Set(['DAILY_UNITS_USED', 'QUOTA_EXCEEDED', 'SPEND_LIMIT_REACHED', 'BUDGET_REACHED'])

/** Whether a failure says that the tokens of the plan are used up, which only those need who bring no key of their own. */
export const isPlanUsedUp = (error: unknown): boolean => error instanceof QuotaExceeded

/** Whether a failure says that a budget is used up. */
export const isBudgetRefusal = (error: unknown): error is AppError => error instanceof AppError && codes.has(error.code)

export class BudgetNotFound extends AppError {
  constructor() {
    super('not_found', 'BUDGET_NOT_FOUND', 'There is no such budget.')
  }
}

/** Whose spending it is to limit. `kind` is `member`, `agent` or `key`. */
export class BudgetOwnerNotFound extends AppError {
  constructor(kind: string) {
    super('not_found', 'BUDGET_OWNER_NOT_FOUND', `There is no such ${kind} in this workspace.`)
  }
}

export class BudgetLimitReached extends AppError {
  constructor(limit: number) {
    super('rate_limited', 'BUDGET_LIMIT_REACHED', `A workspace can have ${limit} budgets. Remove one first.`, { limit })
  }
}
