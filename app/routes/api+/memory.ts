import { memoryRest } from '#server/agents/memory/memory.rest.ts'
import { rest } from '../../http/rest.server.ts'

export const loader = rest({ GET: memoryRest.get, POST: memoryRest.store, DELETE: memoryRest.delete })
export const action = loader
