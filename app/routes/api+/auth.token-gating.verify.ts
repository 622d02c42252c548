import { tokenGateRest } from '#server/identity/token-gate/token-gate.rest.ts'
import { rest } from '../../http/rest.server.ts'

export const loader = rest({ GET: tokenGateRest.check, POST: tokenGateRest.verify })
export const action = loader
