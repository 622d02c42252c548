import { AppError } from '#server/platform/core/index.ts'

/** A credential does not pay for the call. `reason` says which check failed, as a sentence; nothing was taken. */
export class PaymentRefused extends AppError {
  constructor(reason: string) {
    super('payment_required', 'payment_required', reason)
  }
}

/** The payment was sent, and the chain has not said yet what became of it. */
export class PaymentUnconfirmed extends AppError {
  constructor() {
    super(
      'unavailable',
      'PAYMENT_UNCONFIRMED',
      'The payment was sent and is not confirmed yet. Send the same credential again in a moment: it is charged once.',
      { retryAfterSeconds: 5 },
    )
  }
}
