import { verificationRest } from '#server/agents/verification/verification.rest.ts'
import { rest } from '../../http/rest.server.ts'

export const loader = rest({ GET: verificationRest.get, POST: verificationRest.verify, DELETE: verificationRest.remove })
export const action = loader
