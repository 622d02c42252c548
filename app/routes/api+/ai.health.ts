import { aiRest } from '#server/api/ai/ai.rest.ts'
import { rest } from '../../http/rest.server.ts'

export const loader = rest({ GET: aiRest.health })
export const action = loader
