import { defineMutation } from '#server/platform/operations/index.ts'
import * as contract from './stripe-webhooks.contract.ts'
import { examples } from './stripe-webhooks.examples.ts'
import * as service from './stripe-webhooks.service.ts'

export const stripeWebhooks = {
  receive: defineMutation({
    name: 'stripeWebhooks.receive',
    summary: 'Receive Stripe events',
    description: 'Called by Stripe. Events that do not matter here are acknowledged and ignored.',
    access: 'public',
    bucket: 'webhooks',
    transaction: false,
    audit: false,
    input: contract.ReceiveStripeEvent,
    output: contract.EventReceived,
    example: examples.receive,
    run: service.receiveStripeEvent,
  }),
}
