import { auditRest } from '#server/insight/audit/audit.rest.ts'
import { rest } from '../../http/rest.server.ts'

export const loader = rest({ GET: auditRest.export })
export const action = loader
