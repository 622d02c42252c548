export { TokenGateNotConfigured } from './token-gate.errors.ts'
export { readTokenAccess } from './token-gate.service.ts'
