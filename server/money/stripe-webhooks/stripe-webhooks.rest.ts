import { bind } from '#server/platform/operations/index.ts'
import * as contract from './stripe-webhooks.contract.ts'
import { stripeWebhooks } from './stripe-webhooks.operations.ts'

const SIGNATURE = 'stripe-signature'

export const stripeWebhooksRest = {
  receive: bind({
    id: 'receiveStripeEvent',
    tag: 'webhooks',
    operation: stripeWebhooks.receive,
    // What is signed are the bytes, and not what they mean.
    input: ({ text = '', header }) => ({ payload: text, signature: header(SIGNATURE) ?? '' }),
    bodyOf: ({ payload }) => JSON.parse(payload) as unknown,
    requestHeadersOf: ({ signature }) => ({ [SIGNATURE]: signature }),
    document: { body: contract.StripeEvent },
    errors: [503],
  }),
}
