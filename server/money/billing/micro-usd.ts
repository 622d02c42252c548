/** Money is counted in whole millionths of a US dollar: a sum of them is exact. One credit is one dollar. */
export const MICRO_USD_PER_USD = 1_000_000

/** An amount (0 or more) as answers carry it: a decimal with two places, with more only where they say something. 12500 is "0.0125". */
export function formatUsd(microUsd: number): string {
  const fraction = String(microUsd % MICRO_USD_PER_USD).padStart(6, '0')
  return `${Math.floor(microUsd / MICRO_USD_PER_USD)}.${fraction.replace(/0{1,4}$/, '')}`
}

/** The amount a decimal with at most six places says. */
export function parseUsd(text: string): number {
  const [whole, fraction = ''] = text.split('.')
  return Number(whole) * MICRO_USD_PER_USD + Number(fraction.padEnd(6, '0'))
}

const MICRO_USD_PER_CENT = 10_000

/** Whole US cents, as card payments are counted, in millionths of a dollar. */
export const microUsdOfCents = (cents: number): number => cents * MICRO_USD_PER_CENT
