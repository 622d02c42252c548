import { filesRest } from '#server/agents/files/files.rest.ts'
import { rest } from '../../http/rest.server.ts'

export const loader = rest({ GET: filesRest.list, POST: filesRest.upload, DELETE: filesRest.delete })
export const action = loader
