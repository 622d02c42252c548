import { accountsRest } from '#server/identity/accounts/accounts.rest.ts'
import { rest } from '../../http/rest.server.ts'

export const loader = rest({ GET: accountsRest.profile, POST: accountsRest.updateProfile, PATCH: accountsRest.patchProfile })
export const action = loader
