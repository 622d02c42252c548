import { z } from 'zod'

/** An event as Stripe sends it; only for documents, what is read of it was signed as text. */
export const StripeEvent = z
  .looseObject({
    id: z.string().describe('Id of the event.'),
    type: z.string().describe('What happened.'),
    data: z.looseObject({ object: z.looseObject({}).describe('The thing it happened to, as it was then.') }).describe('What it is about.'),
  })
  .meta({ id: 'StripeEvent', description: 'Event as Stripe sends it.' })

export const ReceiveStripeEvent = z.object({
  payload: z.string().min(1).max(1_000_000).describe('The body as it arrived, to the byte.'),
  signature: z.string().max(2_000).describe('What the header `stripe-signature` says.'),
})
export type ReceiveStripeEvent = z.infer<typeof ReceiveStripeEvent>

export const EventReceived = z
  .object({ received: z.literal(true).describe('Always true: it has had its effect, or needs none.') })
  .meta({ id: 'EventReceived', description: 'An event was taken.' })
export type EventReceived = z.infer<typeof EventReceived>
