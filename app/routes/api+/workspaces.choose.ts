import { workspacesRest } from '#server/identity/workspaces/workspaces.rest.ts'
import { rest } from '../../http/rest.server.ts'

export const loader = rest({ POST: workspacesRest.choose })
export const action = loader
