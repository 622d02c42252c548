export { readTokenAccess } from './token-gate.service.ts'
