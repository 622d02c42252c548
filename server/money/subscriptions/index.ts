export { ensureProduct, priceDataOf, type Purchase } from './stripe-prices.ts'
export { type Also, ensureCustomer, findBuyer, syncSubscription } from './subscriptions.service.ts'
export { findSubscription, hasHadPlan, listRunning, listUnchecked } from './subscriptions.queries.ts'
export { deleteOldUnclaimed, deleteUnclaimed, insertUnclaimed, listClaimable, listUnclaimed } from './unclaimed.queries.ts'
