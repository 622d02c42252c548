import { creditsRest } from '#server/money/credits/credits.rest.ts'
import { rest } from '../../http/rest.server.ts'

export const loader = rest({ GET: creditsRest.get })
export const action = loader
