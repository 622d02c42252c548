import { formatCents, nanoUsdAsCents, type Cents, type NanoUsd } from '#server/platform/money/index.ts'
import { AppError } from '#server/platform/core/index.ts'

/** Seconds until the next calendar month in UTC begins. */
const untilNextMonth = (now = new Date()): number =>
  Math.ceil((Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 1) - now.getTime()) / 1000)

/** The tokens of the plan are used up for this month. `details`: `used`, `limit`, and when it starts over. */
export class QuotaExceeded extends AppError {
  constructor(used: number, limit: number) {
    super('rate_limited', 'QUOTA_EXCEEDED', `The ${limit} tokens of this month are used up. A bigger plan has more.`, {
      used,
      limit,
      retryAfterSeconds: untilNextMonth(),
    })
  }
}

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

/** The API key may spend only so much, and nobody knows what a call of the model costs. `details`: `model`. */
export class PriceUnknown extends AppError {
  constructor(model: string) {
    const message = `This API key has a spend limit, and the price of "${model}" is unknown here. The operator can set it in MODEL_PRICES.`
    super('forbidden', 'PRICE_UNKNOWN', message, { model })
  }
}

/** The API key has spent what it may in a month, or would with this call. `details`: `spentCents`, `limitCents`. */
export class SpendLimitReached extends AppError {
  constructor(spentNanoUsd: NanoUsd, limitCents: Cents) {
    super(
      'rate_limited',
      'SPEND_LIMIT_REACHED',
      `This API key may spend ${formatCents(limitCents)} US dollars a month, which is used up, or too little for this call.`,
      {
        spentCents: nanoUsdAsCents(spentNanoUsd),
        limitCents,
        retryAfterSeconds: untilNextMonth(),
      },
    )
  }
}
