import { invitationsRest } from '#server/identity/invitations/invitations.rest.ts'
import { rest } from '../../http/rest.server.ts'

export const loader = rest({ DELETE: invitationsRest.revoke })
export const action = loader
