import { walletsRest } from '#server/identity/wallets/wallets.rest.ts'
import { rest } from '../../http/rest.server.ts'

export const loader = rest({ GET: walletsRest.nonce, POST: walletsRest.createNonce })
export const action = loader
