import { invitationsRest } from '#server/identity/invitations/invitations.rest.ts'
import { rest } from '../../http/rest.server.ts'

export const loader = rest({ POST: invitationsRest.look })
export const action = loader
