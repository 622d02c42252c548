import { sessionsRest } from '#server/money/payments/sessions.rest.ts'
import { rest } from '../../http/rest.server.ts'

export const loader = rest({ GET: sessionsRest.list, POST: sessionsRest.open, DELETE: sessionsRest.close })
export const action = loader
