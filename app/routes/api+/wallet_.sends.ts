import { walletsRest } from '#server/money/wallets/wallets.rest.ts'
import { rest } from '../../http/rest.server.ts'

export const loader = rest({ GET: walletsRest.sends, POST: walletsRest.send })
export const action = loader
