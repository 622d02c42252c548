import { AppError } from '#server/platform/core/index.ts'

/** What a call took is not in the books of its provider yet, or the provider could not be asked. */
export class CallNotBooked extends AppError {
  constructor(cause?: unknown) {
    super('upstream', 'CALL_NOT_BOOKED', 'The provider does not say yet what the call took.', {}, { cause })
  }
}

/** A budget limits what calls may cost, and nobody knows what a call of the model does. `details`: `model`. */
export class PriceUnknown extends AppError {
  constructor(model: string) {
    const message = `There is a limit to what this call may cost, and the price of "${model}" is unknown here. The operator can set it in MODEL_PRICES.`
    super('forbidden', 'PRICE_UNKNOWN', message, { model })
  }
}
