import { openaiRest } from '#server/api/openai/openai.rest.ts'
import { rest } from '../../http/rest.server.ts'

export const loader = rest({ POST: openaiRest.embed })
export const action = loader
