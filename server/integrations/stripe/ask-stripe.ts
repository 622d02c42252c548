import type Stripe from 'stripe'
import type { Platform } from '#server/platform/core/index.ts'
import { stripeOf } from './client.ts'
import { StripeFailed } from './stripe.errors.ts'

/**
 * Asks Stripe something. Never inside a transaction.
 *
 * @throws StripeNotConfigured; StripeFailed for whatever Stripe, or the way there, has against it.
 */
export async function askStripe<T>(platform: Platform, question: (stripe: Stripe) => Promise<T>): Promise<T> {
  const stripe = await stripeOf(platform)
  try {
    return await question(stripe)
  } catch (error) {
    // Not `instanceof`: the class is only there once the SDK is loaded.
    throw isStripeError(error) ? new StripeFailed(error) : error
  }
}

/** The same for what may not be there. @returns undefined when Stripe has no such thing. */
export async function findAtStripe<T>(platform: Platform, question: (stripe: Stripe) => Promise<T>): Promise<T | undefined> {
  try {
    return await askStripe(platform, question)
  } catch (error) {
    if (error instanceof StripeFailed && isStripeError(error.cause) && error.cause.code === 'resource_missing') return undefined
    throw error
  }
}

interface StripeError {
  type: string
  code?: string
}

const isStripeError = (error: unknown): error is StripeError =>
  error instanceof Error && 'type' in error && typeof error.type === 'string' && error.type.startsWith('Stripe')
