export { type Amounts, type Budget, NOTHING } from './budget.ts'
export { correctWindows } from './corrections.queries.ts'
export { isBudgetRefusal, isPlanUsedUp } from './budgets.errors.ts'
export {
  type Spender,
  budgetGateOf,
  budgetsOf,
  forfeitInterruptedLeases,
  forfeitLeasesOfDead,
  forgetOldPeriods,
  limitsCost,
  watchBudgets,
} from './gate.service.ts'
export { tellOfBudgets } from './notices.service.ts'
export { readPlanUse } from './plan-use.service.ts'
export type { BudgetWindow, Reservation } from './reservation.ts'
