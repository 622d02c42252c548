import { AppError } from '#server/platform/core/index.ts'

/** The facilitator did not answer, or nothing that can be read. It may have done what it was asked all the same. */
export class FacilitatorUnavailable extends AppError {
  constructor(cause: unknown) {
    super(
      'unavailable',
      'FACILITATOR_UNAVAILABLE',
      'The x402 facilitator does not answer, so the payment cannot be checked. Nothing was charged: send the same again shortly.',
      { retryAfterSeconds: 5 },
      { cause },
    )
  }
}
