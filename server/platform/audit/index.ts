export * as auditEvents from './audit.queries.ts'
export { type BrokenChain, type ChainFindings, type KnownHead, checkChains } from './chain-check.ts'
export { forgetOldAuditEvents, readToldHeads, tellAuditHeads } from './retention.ts'
