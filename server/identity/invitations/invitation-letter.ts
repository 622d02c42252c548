import type { Letter } from '#server/integrations/mail/index.ts'
import type { Role } from '#server/platform/core/roles.contract.ts'

interface InvitationFacts {
  workspace: string
  invitedBy: string | null
  role: Role
  link: string
  days: number
}

const article = (role: Role): string => (role === 'owner' || role === 'admin' ? 'an' : 'a')

export const invitationLetter = ({ workspace, invitedBy, role, link, days }: InvitationFacts): Letter => ({
  subject: `You are invited to ${workspace}`,
  parts: [
    `${invitedBy ?? 'Somebody who works there'} invites you to ${workspace}, as ${article(role)} ${role}.`,
    { link, label: 'See the invitation' },
    `The link works once and for ${days} days. If you do not know who sent this, leave it alone: nothing happens then.`,
  ],
})
