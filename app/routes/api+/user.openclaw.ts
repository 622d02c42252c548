import { instancesRest } from '#server/instances/instances.rest.ts'
import { rest } from '../../http/rest.server.ts'

export const loader = rest({ GET: instancesRest.own })
export const action = loader
