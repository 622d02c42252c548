import { bind } from '#server/platform/operations/index.ts'
import { tokenGate } from './token-gate.operations.ts'

export const tokenGateRest = {
  check: bind({ id: 'checkTokenAccess', tag: 'auth', operation: tokenGate.check, errors: [502, 503] }),
  verify: bind({ id: 'verifyTokenAccess', tag: 'auth', operation: tokenGate.verify, errors: [502, 503] }),
}
