import { openaiRest } from '#server/api/openai/openai.rest.ts'
import { rest } from '../../http/rest.server.ts'

export const loader = rest({ GET: openaiRest.model })
export const action = loader
