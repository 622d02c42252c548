import { membersRest } from '#server/identity/members/members.rest.ts'
import { rest } from '../../http/rest.server.ts'

export const loader = rest({ PATCH: membersRest.changeRole, DELETE: membersRest.remove })
export const action = loader
