import { openaiRest } from '#server/api/openai/openai.rest.ts'
import { rest } from '../../http/rest.server.ts'

export const loader = rest({ POST: openaiRest.complete })
export const action = loader
