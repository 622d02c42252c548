import { invitationsRest } from '#server/identity/invitations/invitations.rest.ts'
import { rest } from '../../http/rest.server.ts'

export const loader = rest({ GET: invitationsRest.list, POST: invitationsRest.create })
export const action = loader
