export {
  type BilledRow,
  PlanRequired,
  TRIAL_DAYS,
  coversModel,
  creditReferral,
  entitlementsFor,
  featuresOf,
  getCreditBalance,
  getEntitlements,
  getQuotas,
  quotasFor,
  requireActivePlan,
} from './billing.service.ts'
export {
  type Book,
  BudgetExceeded,
  InsufficientCredits,
  balanceBook,
  bookTransaction,
  chainPayment,
  creditsSpentBy,
  isBooked,
  recordIncome,
  releaseExpiredHolds,
  releaseHold,
  releaseInterruptedHolds,
  reserveCredits,
  revenueBook,
  settleHold,
  takeFromBalance,
} from './ledger.service.ts'
export { formatUsd, parseUsd } from './micro-usd.ts'
export { requireModelPlan } from './model-plan.service.ts'
export { type AccountPlan, type PlanName, type PlanResources, TRIAL_LIMITS, plans, resourcesOf, storageBytesOf } from './plans.ts'
