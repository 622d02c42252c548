import { billingRest } from '#server/money/billing/billing.rest.ts'
import { rest } from '../../http/rest.server.ts'

export const loader = rest({ GET: billingRest.trial })
export const action = loader
