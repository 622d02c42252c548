import { stripeWebhooksRest } from '#server/money/stripe-webhooks/stripe-webhooks.rest.ts'
import { rest } from '../../http/rest.server.ts'

export const loader = rest({ POST: stripeWebhooksRest.receive })
export const action = loader
