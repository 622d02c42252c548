import { verificationRest } from '#server/agents/verification/verification.rest.ts'
import { rest } from '../../http/rest.server.ts'

export const loader = rest({ GET: verificationRest.getAlias })
export const action = loader
