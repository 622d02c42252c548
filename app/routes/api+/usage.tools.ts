import { usageRest } from '#server/insight/usage/usage.rest.ts'
import { rest } from '../../http/rest.server.ts'

export const loader = rest({ GET: usageRest.tools })
export const action = loader
