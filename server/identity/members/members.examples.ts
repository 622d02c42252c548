import { exampleIds } from '#server/platform/operations/index.ts'

const owner = {
  userId: exampleIds.account,
  name: 'Ines Vale',
  email: 'ines@example.org',
  role: 'owner',
  keyCount: 1,
  joinedAt: '2026-03-02T06:40:00.000Z',
} as const
const member = {
  userId: exampleIds.member,
  name: 'Tom Reed',
  email: 'tom@example.org',
  role: 'member',
  keyCount: 0,
  joinedAt: '2026-03-04T09:12:00.000Z',
} as const

export const examples = {
  list: { input: {}, output: [owner, member] },
  changeRole: { input: { userId: exampleIds.member, role: 'admin' }, output: { ...member, role: 'admin' } },
  remove: { input: { userId: exampleIds.member, keys: 'keep' }, output: { success: true } },
  leave: { input: { keys: 'keep' }, output: { success: true } },
  transferOwnership: { input: { userId: exampleIds.member }, output: { ...member, role: 'owner' } },
} as const
