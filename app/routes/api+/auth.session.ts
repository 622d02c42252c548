import { accountsRest } from '#server/identity/accounts/accounts.rest.ts'
import { rest } from '../../http/rest.server.ts'

export const loader = rest({ GET: accountsRest.session })
export const action = loader
