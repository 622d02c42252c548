import { checkoutRest } from '#server/money/checkout/checkout.rest.ts'
import { rest } from '../../http/rest.server.ts'

export const loader = rest({ GET: checkoutRest.visitCredits })
export const action = loader
