import { keysRest } from '#server/identity/keys/keys.rest.ts'
import { rest } from '../../http/rest.server.ts'

export const loader = rest({ GET: keysRest.listAll })
export const action = loader
