import { z } from 'zod'
import { Nothing, Success, timestamp } from '#server/platform/core/common.contract.ts'
import { secret } from '#server/platform/core/secret-fields.contract.ts'
import { Workspace, WorkspaceRole } from '../workspaces/workspaces.contract.ts'

export { Nothing, Success, Workspace }

export const Invitation = z
  .object({
    id: z.string().describe('Its id.'),
    email: z.email().describe('Whom it is for.'),
    role: WorkspaceRole,
    invitedBy: z.string().nullable().describe('Name of who invited them; null for an API key, and for who is gone.'),
    createdAt: timestamp.describe('When it was made, or made anew.'),
    expiresAt: timestamp.describe('When its link ceases to work; it can be sent anew.'),
  })
  .meta({ id: 'Invitation', description: 'Somebody was asked to come to the workspace, and has not come yet.' })
export type Invitation = z.infer<typeof Invitation>

export const Invitations = z.array(Invitation)

export const InvitationSent = z
  .object({
    ...Invitation.shape,
    link: secret(z.url().nullable().describe('What to send them, shown this once; null where the server sends it by mail, to them alone.')),
  })
  .meta({ id: 'InvitationSent', description: 'An invitation whose link was just made.' })
export type InvitationSent = z.infer<typeof InvitationSent>

export const CreateInvitation = z.object({
  email: z.string().trim().normalize('NFC').check(z.email('expected an email address')).max(254).describe('Whom to invite.'),
  role: WorkspaceRole,
})
export type CreateInvitation = z.infer<typeof CreateInvitation>

export const InvitationRef = z.object({ invitationId: z.string().min(1).describe('Id of the invitation.') })
export type InvitationRef = z.infer<typeof InvitationRef>

export const InvitationToken = z.object({
  token: z.string().min(1, 'expected the token of an invitation').max(200).describe('What the link has behind its `#`.'),
})
export type InvitationToken = z.infer<typeof InvitationToken>

const InvitedTo = z
  .object({ id: z.string().describe('Its id.'), name: z.string().describe('What it is called.') })
  .meta({ id: 'InvitedTo', description: 'The workspace of an invitation.' })

export const InvitationView = z
  .object({
    workspace: InvitedTo,
    email: z.string().describe('Whom it is for, all but hidden: `i•••@example.org`.'),
    role: WorkspaceRole,
    invitedBy: z.string().nullable().describe('Name of who invited them; null for an API key, and for who is gone.'),
    expiresAt: timestamp.describe('When it ceases to work.'),
  })
  .meta({ id: 'InvitationView', description: 'An invitation, as whoever has its link sees it.' })
export type InvitationView = z.infer<typeof InvitationView>
