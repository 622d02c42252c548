import { membersRest } from '#server/identity/members/members.rest.ts'
import { rest } from '../../http/rest.server.ts'

export const loader = rest({ GET: membersRest.list })
export const action = loader
