import { billingInfoRest } from '#server/api/billing/billing-info.rest.ts'
import { rest } from '../../http/rest.server.ts'

export const loader = rest({ GET: billingInfoRest.info, POST: billingInfoRest.act })
export const action = loader
