import { membersRest } from '#server/identity/members/members.rest.ts'
import { rest } from '../../http/rest.server.ts'

export const loader = rest({ POST: membersRest.leave })
export const action = loader
