import { accountsRest } from '#server/identity/accounts/accounts.rest.ts'
import { rest } from '../../http/rest.server.ts'

export const loader = rest({ POST: accountsRest.signOut })
export const action = loader
