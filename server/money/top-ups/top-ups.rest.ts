import { bind } from '#server/platform/operations/index.ts'
import { StripeEvent } from './top-ups.contract.ts'
import { topUps } from './top-ups.operations.ts'

const SIGNATURE = 'stripe-signature'

export const topUpsRest = {
  start: bind({ id: 'createWalletTopUp', tag: 'wallet', operation: topUps.start, isHarmlessByGet: true, errors: [503] }),
  receive: bind({
    id: 'receiveWalletTopUp',
    tag: 'webhooks',
    operation: topUps.receive,
    // What is signed are the bytes, and not what they mean.
    input: ({ text = '', header }) => ({ payload: text, signature: header(SIGNATURE) ?? '' }),
    bodyOf: ({ payload }) => JSON.parse(payload) as unknown,
    requestHeadersOf: ({ signature }) => ({ [SIGNATURE]: signature }),
    document: { body: StripeEvent },
    errors: [503],
  }),
}
