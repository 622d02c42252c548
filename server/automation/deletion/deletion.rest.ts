import { z } from 'zod'
import { bind } from '#server/platform/operations/index.ts'
import { DeletedWorkspaceList, DeleteUser, DeleteWorkspace } from './deletion.contract.ts'
import { users, workspaceDeletion } from './deletion.operations.ts'

export const deletionRest = {
  deleteWorkspace: bind({
    id: 'deleteWorkspace',
    tag: 'workspaces',
    operation: workspaceDeletion.delete,
    document: { body: DeleteWorkspace },
    errors: [403, 409],
  }),
  listDeleted: bind({
    id: 'listDeletedWorkspaces',
    tag: 'workspaces',
    operation: workspaceDeletion.listDeleted,
    output: z.object({ workspaces: DeletedWorkspaceList }),
    body: (workspaces) => ({ workspaces }),
  }),
  restoreWorkspace: bind({
    id: 'restoreWorkspace',
    tag: 'workspaces',
    operation: workspaceDeletion.restore,
    params: { id: 'workspaceId' },
    errors: [404],
  }),
  deleteUser: bind({ id: 'deleteUser', tag: 'settings', operation: users.delete, document: { body: DeleteUser }, errors: [403, 409] }),
  restoreUser: bind({ id: 'restoreUser', tag: 'auth', operation: users.restore, errors: [404] }),
}
