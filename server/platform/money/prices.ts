import type { NanoUsd } from './units.contract.ts'

/** Prices are published in dollars per million tokens; with six places, that is a whole number of trillionths per token. */
const PRICE_STEPS_PER_USD = 1_000_000
const STEPS_PER_NANO_USD = 1000n

/**
 * What tokens cost at their prices, summed exactly and rounded once, to the nearest billionth of a dollar.
 *
 * @param items Prices in US dollars per million tokens, to the sixth place, and how many tokens were taken at each.
 */
export function costAtPrices(items: readonly (readonly [pricePerMillion: number, tokens: number])[]): NanoUsd {
  const steps = items.reduce((sum, [price, tokens]) => sum + BigInt(Math.round(price * PRICE_STEPS_PER_USD)) * BigInt(tokens), 0n)
  return Number((steps + STEPS_PER_NANO_USD / 2n) / STEPS_PER_NANO_USD)
}

/** How many whole tokens an amount (0 or more) pays for; no limit where they cost nothing. */
export function tokensWithin(nanoUsd: NanoUsd, pricePerMillion: number): number {
  const steps = Math.round(pricePerMillion * PRICE_STEPS_PER_USD)
  return steps > 0 ? Number((BigInt(nanoUsd) * STEPS_PER_NANO_USD) / BigInt(steps)) : Infinity
}
