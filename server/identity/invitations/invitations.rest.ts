import { z } from 'zod'
import { bind } from '#server/platform/operations/index.ts'
import * as contract from './invitations.contract.ts'
import { invitations } from './invitations.operations.ts'

const InvitationList = z.object({ invitations: contract.Invitations })
const tag = 'workspaces'

export const invitationsRest = {
  list: bind({
    id: 'listInvitations',
    tag,
    operation: invitations.list,
    output: InvitationList,
    body: (list) => ({ invitations: list }),
    errors: [404],
  }),
  create: bind({ id: 'createInvitation', tag, operation: invitations.create, status: 201, errors: [403, 404, 409] }),
  resend: bind({ id: 'resendInvitation', tag, operation: invitations.resend, errors: [403, 404, 409] }),
  revoke: bind({ id: 'revokeInvitation', tag, operation: invitations.revoke, errors: [403, 404] }),
  look: bind({ id: 'lookAtInvitation', tag, operation: invitations.look, errors: [404] }),
  accept: bind({ id: 'acceptInvitation', tag, operation: invitations.accept, errors: [403, 404, 409] }),
}
