import { instancesRest } from '#server/api/instances/instances.rest.ts'
import { rest } from '../../http/rest.server.ts'

export const loader = rest({ GET: instancesRest.get })
export const action = loader
