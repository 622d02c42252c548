import type Stripe from 'stripe'
import type { Platform } from '#server/platform/core/index.ts'
import { StripeNotConfigured, StripeSignatureInvalid } from './stripe.errors.ts'

/** What Stripe may be late with a delivery, in seconds; 0 would switch the check off. */
const TOLERANCE_SECONDS = 300

/** A delivery of Stripe's: the bytes of the body as text, and what the header says of them. */
export interface Delivery {
  payload: string
  signature: string
}

/**
 * Reads a delivery once it is known to come from Stripe, and not to be an old one that is sent again by somebody.
 *
 * @param secretName The variable that holds the secret of the address it was sent to.
 * @throws StripeNotConfigured, StripeSignatureInvalid
 */
export async function readEvent(
  { env }: Pick<Platform, 'env'>,
  { payload, signature }: Delivery,
  secretName: 'STRIPE_WEBHOOK_SECRET' | 'STRIPE_TOPUP_WEBHOOK_SECRET' = 'STRIPE_WEBHOOK_SECRET',
): Promise<Stripe.Event> {
  const secret = env[secretName]
  if (!secret) throw new StripeNotConfigured(secretName)
  const { default: Client } = await import('stripe')
  try {
    return Client.webhooks.constructEvent(payload, signature, secret, TOLERANCE_SECONDS)
  } catch (error) {
    throw new StripeSignatureInvalid(error instanceof Error ? firstLine(error.message) : 'it does not fit the body')
  }
}

const firstLine = (text: string): string => text.split('\n')[0]!.trim()
