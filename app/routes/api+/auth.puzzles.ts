import { botsRest } from '#server/identity/bots/bots.rest.ts'
import { rest } from '../../http/rest.server.ts'

export const loader = rest({ GET: botsRest.challenge })
export const action = loader
