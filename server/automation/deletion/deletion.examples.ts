import { exampleIds } from '#server/platform/operations/index.ts'

const deleted = {
  id: exampleIds.deletedWorkspace,
  name: 'Harbour Records',
  deletedAt: '2026-03-02T06:40:00.000Z',
  erasedAt: '2026-03-09T06:40:00.000Z',
} as const

const restoreToken = 'q3Jk8sV1yZ0uR7mN2bX5cT9wL4eF6hG-aPdKiOjQxYz'

export const examples = {
  deleteWorkspace: { input: { name: deleted.name }, output: deleted },
  listDeleted: { input: {}, output: [deleted] },
  restoreWorkspace: { input: { workspaceId: exampleIds.deletedWorkspace }, output: { id: deleted.id, name: deleted.name } },
  deleteUser: { input: { confirm: true }, output: { erasedAt: deleted.erasedAt, restoreToken } },
  restoreUser: { input: { token: restoreToken }, output: { success: true } },
} as const
