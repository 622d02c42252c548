import { instancesRest } from '#server/instances/instances.rest.ts'
import { rest } from '../../http/rest.server.ts'

export const loader = rest({ POST: instancesRest.repair })
export const action = loader
