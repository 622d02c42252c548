import { AppError } from '#server/platform/core/index.ts'

/** Seconds until the next day in UTC begins. */
const untilTomorrow = (now = new Date()): number =>
  Math.ceil((Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate() + 1) - now.getTime()) / 1000)

/** The units of the plan are used up for today. `details`: `current`, `limit`, and in how many seconds the day starts over. */
export class DailyUnitsUsed extends AppError {
  constructor(current: number, limit: number) {
    super(
      'rate_limited',
      'DAILY_UNITS_USED',
      `The ${limit} units of today are used up. A bigger plan has more, and keys of your own take none.`,
      {
        current,
        limit,
        resetsInSeconds: untilTomorrow(),
      },
    )
  }
}

/** A budget limits what calls may cost, and nobody knows what a call of the model does. `details`: `model`. */
export class PriceUnknown extends AppError {
  constructor(model: string) {
    const message = `There is a limit to what this call may cost, and the price of "${model}" is unknown here. The operator can set it in MODEL_PRICES.`
    super('forbidden', 'PRICE_UNKNOWN', message, { model })
  }
}
