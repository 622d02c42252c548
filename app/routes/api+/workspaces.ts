import { workspacesRest } from '#server/identity/workspaces/workspaces.rest.ts'
import { rest } from '../../http/rest.server.ts'

export const loader = rest({ GET: workspacesRest.list, POST: workspacesRest.create })
export const action = loader
