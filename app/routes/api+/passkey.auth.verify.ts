import { passkeysRest } from '#server/identity/passkeys/passkeys.rest.ts'
import { rest } from '../../http/rest.server.ts'

export const loader = rest({ POST: passkeysRest.signIn })
export const action = loader
