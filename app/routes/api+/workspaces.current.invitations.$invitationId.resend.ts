import { invitationsRest } from '#server/identity/invitations/invitations.rest.ts'
import { rest } from '../../http/rest.server.ts'

export const loader = rest({ POST: invitationsRest.resend })
export const action = loader
