import { readEvent } from '#server/integrations/stripe/index.ts'
import type { Context } from '#server/platform/core/index.ts'
import { handleEvent } from './handle-event.service.ts'
import type { EventReceived, ReceiveStripeEvent } from './stripe-webhooks.contract.ts'

/**
 * Takes an event from Stripe. What came of it is stored before it is acknowledged; one that could not be handled is sent again.
 *
 * @throws StripeSignatureInvalid, StripeNotConfigured, StripeFailed
 */
export async function receiveStripeEvent({ platform }: Context, delivery: ReceiveStripeEvent): Promise<EventReceived> {
  await handleEvent(platform, await readEvent(platform, delivery))
  return { received: true }
}
