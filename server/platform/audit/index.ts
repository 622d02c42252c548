export * as auditEvents from './audit.queries.ts'
export { checkChains } from './chain-check.ts'
export { forgetOldAuditEvents, readToldHeads, tellAuditHeads } from './retention.ts'
