import { identitiesRest } from '#server/identity/identities/identities.rest.ts'
import { rest } from '../../http/rest.server.ts'

export const loader = rest({ GET: identitiesRest.list, DELETE: identitiesRest.unlink })
export const action = loader
