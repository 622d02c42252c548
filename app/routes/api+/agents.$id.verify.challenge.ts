import { verificationRest } from '#server/verification/verification.rest.ts'
import { rest } from '../../http/rest.server.ts'

export const loader = rest({ POST: verificationRest.start })
export const action = loader
