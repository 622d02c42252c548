import { defineMutation } from '#server/platform/operations/index.ts'
import * as contract from './top-ups.contract.ts'
import { examples } from './top-ups.examples.ts'
import * as service from './top-ups.service.ts'

export const topUps = {
  start: defineMutation({
    name: 'topUps.start',
    summary: 'Start a card top-up',
    description:
      'Open to anybody: the wallet address says whom to credit. After payment the browser goes to `/dashboard/wallet?top_up=success`, after a cancel to `/dashboard/wallet?top_up=cancelled`.',
    access: 'public',
    bucket: 'general',
    transaction: false,
    audit: false,
    input: contract.StartTopUp,
    output: contract.TopUpStarted,
    example: examples.start,
    run: service.startTopUp,
  }),
  receive: defineMutation({
    name: 'topUps.receive',
    summary: 'Receive the payment event of a top-up',
    description: 'Called by Stripe. A checkout of a top-up that was paid credits once; other events are acknowledged.',
    access: 'public',
    bucket: 'webhooks',
    transaction: false,
    audit: false,
    input: contract.ReceiveStripeEvent,
    output: contract.EventReceived,
    example: examples.receive,
    run: service.receiveTopUp,
  }),
}
