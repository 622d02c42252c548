import { walletsRest } from '#server/money/wallets/wallets.rest.ts'
import { rest } from '../../http/rest.server.ts'

export const loader = rest({ GET: walletsRest.getSend })
export const action = loader
