import { passkeysRest } from '#server/identity/passkeys/passkeys.rest.ts'
import { rest } from '../../http/rest.server.ts'

export const loader = rest({ POST: passkeysRest.register })
export const action = loader
