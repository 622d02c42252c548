import { AppError } from '#server/platform/core/index.ts'

/** A budget limits what calls may cost, and nobody knows what a call of the model does. `details`: `model`. */
export class PriceUnknown extends AppError {
  constructor(model: string) {
    const message = `There is a limit to what this call may cost, and the price of "${model}" is unknown here. The operator can set it in MODEL_PRICES.`
    super('forbidden', 'PRICE_UNKNOWN', message, { model })
  }
}
