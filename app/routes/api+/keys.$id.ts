import { keysRest } from '#server/identity/keys/keys.rest.ts'
import { rest } from '../../http/rest.server.ts'

export const loader = rest({ GET: keysRest.get, PATCH: keysRest.update, DELETE: keysRest.delete })
export const action = loader
