import { instancesRest } from '#server/api/instances/instances.rest.ts'
import { rest } from '../../http/rest.server.ts'

export const loader = rest({ GET: instancesRest.own })
export const action = loader
