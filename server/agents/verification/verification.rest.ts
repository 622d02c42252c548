import { bind } from '#server/platform/operations/index.ts'
import { verification } from './verification.operations.ts'

const params = { id: 'agentId' }

const get = { tag: 'agents', operation: verification.get, params, errors: [404] }

export const verificationRest = {
  get: bind({ ...get, id: 'getAgentVerification' }),
  getAlias: bind({ ...get, id: 'getAgentVerificationAlias' }),
  start: bind({ id: 'startAgentVerification', tag: 'agents', operation: verification.start, params, errors: [404] }),
  verify: bind({ id: 'verifyAgent', tag: 'agents', operation: verification.verify, params, errors: [404, 503] }),
  remove: bind({ id: 'removeAgentVerification', tag: 'agents', operation: verification.remove, params, errors: [404] }),
}
