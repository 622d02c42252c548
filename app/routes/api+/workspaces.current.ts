import { workspacesRest } from '#server/identity/workspaces/workspaces.rest.ts'
import { rest } from '../../http/rest.server.ts'

export const loader = rest({ GET: workspacesRest.current, PATCH: workspacesRest.rename })
export const action = loader
