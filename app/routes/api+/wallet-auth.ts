import { walletsRest } from '#server/identity/wallets/wallets.rest.ts'
import { rest } from '../../http/rest.server.ts'

export const loader = rest({ POST: walletsRest.signInAlias })
export const action = loader
