export {
  type BilledRow,
  PlanRequired,
  TRIAL_DAYS,
  coversModel,
  entitlementsFor,
  featuresOf,
  getCreditBalance,
  getEntitlements,
  getQuotas,
  getTrial,
  quotasFor,
  requireActivePlan,
} from './billing.service.ts'
export {
  type LedgerAccount,
  InsufficientCredits,
  balanceAccount,
  postTransaction,
  chainPayment,
  externalAccount,
  isPosted,
  recordIncome,
  releaseExpiredHolds,
  releaseHold,
  releaseInterruptedHolds,
  reserveCredits,
  revenueAccount,
  settleHold,
  debit,
} from './ledger.service.ts'
export { takeBack } from './ledger-reversals.service.ts'
export { countReferrals, creditReferral, findReferral, noteReferral } from './referrals.service.ts'
export { requireModelPlan } from './model-plan.service.ts'
export {
  type AccountPlan,
  type PlanName,
  type PlanResources,
  GRACE_DAYS,
  TRIAL_LIMITS,
  planNamed,
  plans,
  resourcesOf,
  storageBytesOf,
  storageUpgrade,
} from './plans.ts'
