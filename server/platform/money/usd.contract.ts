import { formatDecimal, parseDecimal } from './decimals.contract.ts'
import { requireWhole, type Cents, type MicroUsd, type NanoUsd } from './units.contract.ts'

const MICRO_USD_PER_USD = 1_000_000
const NANO_USD_PER_USD = 1_000_000_000
const NANO_USD_PER_CENT = 10_000_000
const NANO_USD_PER_MICRO_USD = 1_000
const MICRO_USD_PER_CENT = 10_000

/** An amount (0 or more) as answers carry it: a decimal with two places, with more only where they say something. 12500 is "0.0125". */
export const formatUsd = (microUsd: MicroUsd): string => formatDecimal(requireWhole(microUsd), 6, 2)

/** The amount a decimal with at most six places says. @throws RangeError for anything else. */
export const parseUsd = (text: string): MicroUsd => requireWhole(Number(parseDecimal(text, 6)))

/** Cents as a price is written: 1999 is "19.99". Good for any currency of hundredths. */
export const formatCents = (cents: Cents): string => formatDecimal(requireWhole(cents), 2, 2)

/** So many whole cents. */
export const microUsdOfCents = (cents: Cents): MicroUsd => requireWhole(cents) * MICRO_USD_PER_CENT

/** So many whole dollars. */
export const microUsdOfDollars = (dollars: number): MicroUsd => requireWhole(dollars) * MICRO_USD_PER_USD

/** An amount as a number of dollars, for answers that carry one; nothing is computed with it. */
export const microUsdAsNumber = (microUsd: MicroUsd): number => requireWhole(microUsd) / MICRO_USD_PER_USD

/** A cost as a number of dollars, for answers that carry one; nothing is computed with it. */
export const nanoUsdAsNumber = (nanoUsd: NanoUsd): number => nanoUsd / NANO_USD_PER_USD

/** A cost an answer carried as a number of dollars: to the nearest billionth. @throws RangeError beyond what is exact */
export const nanoUsdOfNumber = (usd: number): NanoUsd => requireWhole(Math.round(usd * NANO_USD_PER_USD))

/** A cost as somebody else tells it; undefined for what is no amount that can be counted. */
export function readNanoUsd(usd: unknown): NanoUsd | undefined {
  const nanoUsd = typeof usd === 'number' && usd >= 0 ? Math.round(usd * NANO_USD_PER_USD) : NaN
  return Number.isSafeInteger(nanoUsd) ? nanoUsd : undefined
}

/** A cost (0 or more) as a header has it: a plain decimal, never in exponent form. */
export const formatNanoUsd = (nanoUsd: NanoUsd): string => formatDecimal(nanoUsd, 9, 0)

export const nanoUsdOfMicroUsd = (microUsd: MicroUsd): NanoUsd => requireWhole(microUsd) * NANO_USD_PER_MICRO_USD

export const nanoUsdOfCents = (cents: Cents): NanoUsd => requireWhole(cents) * NANO_USD_PER_CENT

/** Whole millionths that fit into an amount: what is left over is not counted. Below zero, the next lower one. */
export const microUsdWithin = (nanoUsd: NanoUsd): MicroUsd => Math.floor(nanoUsd / NANO_USD_PER_MICRO_USD)

/** An amount as a number of cents with two places, for answers that say what was spent of a limit. */
export const nanoUsdAsCents = (nanoUsd: NanoUsd): number => Math.round((nanoUsd * 100) / NANO_USD_PER_CENT) / 100
