import { aiRest } from '#server/api/ai/ai.rest.ts'
import { rest } from '../../http/rest.server.ts'

export const loader = rest({ POST: aiRest.chat })
export const action = loader
