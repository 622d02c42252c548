import { sessionsRest } from '#server/money/payments/sessions.rest.ts'
import { rest } from '../../http/rest.server.ts'

export const loader = rest({ POST: sessionsRest.submitVoucher })
export const action = loader
