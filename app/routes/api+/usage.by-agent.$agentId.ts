import { usageRest } from '#server/insight/usage/usage.rest.ts'
import { rest } from '../../http/rest.server.ts'

export const loader = rest({ GET: usageRest.byAgent })
export const action = loader
