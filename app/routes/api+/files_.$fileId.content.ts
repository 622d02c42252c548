import { filesRest } from '#server/agents/files/files.rest.ts'
import { rest } from '../../http/rest.server.ts'

export const loader = rest({ GET: filesRest.content })
export const action = loader
