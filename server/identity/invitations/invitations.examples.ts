import { exampleIds } from '#server/platform/operations/index.ts'

const token = 'Zt0cD3o2bYQ5mVw7kR1sX9uE4nH6jL8aPfGiTqBvCyA'
const workspace = { id: exampleIds.workspace, name: 'Harbour Records' } as const

const invitation = {
  id: exampleIds.invitation,
  email: 'ada@example.org',
  role: 'member',
  invitedBy: 'Ines Vale',
  createdAt: '2026-03-05T10:00:00.000Z',
  expiresAt: '2026-03-12T10:00:00.000Z',
} as const

const sent = { ...invitation, link: `https://agents.example.org/invitation#${token}` } as const

export const examples = {
  list: { input: {}, output: [invitation] },
  create: { input: { email: invitation.email, role: 'member' }, output: sent },
  resend: { input: { invitationId: exampleIds.invitation }, output: sent },
  revoke: { input: { invitationId: exampleIds.invitation }, output: { success: true } },
  look: {
    input: { token },
    output: { workspace, email: 'a•••@example.org', role: 'member', invitedBy: 'Ines Vale', expiresAt: invitation.expiresAt },
  },
  accept: { input: { token }, output: { ...workspace, kind: 'team', role: 'member', createdAt: '2026-03-02T06:40:00.000Z' } },
} as const
