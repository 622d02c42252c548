import { keysRest } from '#server/identity/keys/keys.rest.ts'
import { rest } from '../../http/rest.server.ts'

export const loader = rest({ POST: keysRest.rotate })
export const action = loader
