export { type Amounts, type Budget, NOTHING } from './budget.ts'
export { isBudgetRefusal } from './budgets.errors.ts'
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
export type { Reservation } from './reservation.ts'
