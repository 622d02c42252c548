import { bind, type RestRequest } from '#server/platform/operations/index.ts'
import { verification } from './verification.operations.ts'

const byId = ({ params }: RestRequest) => ({ agentId: params.id })
const withBody = ({ params, body }: RestRequest) => ({ ...(body as object), agentId: params.id })

const get = { tag: 'agents', operation: verification.get, input: byId, errors: [404] }

export const verificationRest = {
  get: bind({ ...get, id: 'getAgentVerification' }),
  getAlias: bind({ ...get, id: 'getAgentVerificationAlias' }),
  start: bind({ id: 'startAgentVerification', tag: 'agents', operation: verification.start, input: withBody, errors: [404] }),
  verify: bind({ id: 'verifyAgent', tag: 'agents', operation: verification.verify, input: withBody, errors: [404, 503] }),
  remove: bind({ id: 'removeAgentVerification', tag: 'agents', operation: verification.remove, input: byId, errors: [404] }),
}
