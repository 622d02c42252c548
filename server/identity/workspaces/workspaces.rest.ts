import { z } from 'zod'
import { bind } from '#server/platform/operations/index.ts'
import * as contract from './workspaces.contract.ts'
import { workspaces } from './workspaces.operations.ts'

const WorkspaceList = z.object({ workspaces: contract.Workspaces })
const tag = 'workspaces'

export const workspacesRest = {
  list: bind({ id: 'listWorkspaces', tag, operation: workspaces.list, output: WorkspaceList, body: (list) => ({ workspaces: list }) }),
  create: bind({ id: 'createWorkspace', tag, operation: workspaces.create, status: 201, errors: [409] }),
  current: bind({ id: 'getCurrentWorkspace', tag, operation: workspaces.current, errors: [404] }),
  rename: bind({ id: 'renameWorkspace', tag, operation: workspaces.rename, errors: [403, 404, 409] }),
  turnIntoTeam: bind({ id: 'turnWorkspaceIntoTeam', tag, operation: workspaces.turnIntoTeam, errors: [403, 404, 409] }),
  choose: bind({ id: 'chooseWorkspace', tag, operation: workspaces.choose, errors: [404] }),
}
