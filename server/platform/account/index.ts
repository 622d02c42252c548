export { accountColumns, lockAccount } from './account.queries.ts'
export { asAccountId, isAdminEmail, toAccount } from './account.ts'
export { jobContext } from './job-context.ts'
