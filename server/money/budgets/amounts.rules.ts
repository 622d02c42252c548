/** Billionths of a US dollar: a token of a small model costs a fraction of a millionth. */
export const NANO_USD_PER_CENT = 10_000_000
export const NANO_USD_PER_MICRO_USD = 1_000

export const centsToNanoUsd = (cents: number): number => cents * NANO_USD_PER_CENT
export const microToNanoUsd = (microUsd: number): number => microUsd * NANO_USD_PER_MICRO_USD

/** In US dollars with two places, rounded down: 12_345_678_900 is "12.34". */
export function toCentsText(nanoUsd: number): string {
  const cents = Math.floor(nanoUsd / NANO_USD_PER_CENT)
  return `${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, '0')}`
}
