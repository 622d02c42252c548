import { AppError } from '#server/platform/core/index.ts'

/** The operator has not set up Stripe, or a part of it. */
export class StripeNotConfigured extends AppError {
  constructor(variable: string) {
    super('unavailable', 'STRIPE_NOT_CONFIGURED', `This server takes no payments by card: ${variable} is not set.`, { variable })
  }
}

/** Stripe refused what was asked of it, or did not answer. What it says is for the log. */
export class StripeFailed extends AppError {
  constructor(cause: unknown) {
    super('internal', 'STRIPE_FAILED', 'Stripe refused, or did not answer. Nothing was charged. Try again in a moment.', {}, { cause })
  }
}

/** The page Stripe made has no address. */
export class NoCheckoutUrl extends AppError {
  constructor() {
    super('internal', 'NO_CHECKOUT_URL', 'Stripe made no page to pay at. Nothing was charged. Try again in a moment.')
  }
}

/** A delivery that is not from Stripe, or too old to be believed. */
export class StripeSignatureInvalid extends AppError {
  constructor(reason: string) {
    super('invalid_input', 'SIGNATURE_INVALID', `stripe-signature: ${reason}`)
  }
}
