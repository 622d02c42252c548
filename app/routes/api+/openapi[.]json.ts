import { systemRest } from '#server/insight/system/system.rest.ts'
import { rest } from '../../http/rest.server.ts'

export const loader = rest({ GET: systemRest.openapi })
export const action = loader
