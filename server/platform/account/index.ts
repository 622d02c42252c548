export { accountColumns, findAccount, findPersonByEmail, findReferralCode, lockAccount } from './account.queries.ts'
export { asAccountId, asUserId, isAdminEmail, toAccount } from './account.ts'
export { jobContext } from './job-context.ts'
