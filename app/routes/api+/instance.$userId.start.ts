import { instancesRest } from '#server/api/instances/instances.rest.ts'
import { rest } from '../../http/rest.server.ts'

export const loader = rest({ POST: instancesRest.start })
export const action = loader
