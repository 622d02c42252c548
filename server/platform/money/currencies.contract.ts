import { formatDecimal } from './decimals.contract.ts'
import { requireWhole, type Cents, type Pence } from './units.contract.ts'

const PENCE_PER_POUND = 100
const signs: Readonly<Record<string, string>> = { gbp: '£', usd: '$', eur: '€' }

/** A price in whole pounds. */
export const penceOfPounds = (pounds: number): Pence => requireWhole(pounds) * PENCE_PER_POUND

/** An amount (0 or more) of a currency of hundredths as people write it: 2900 of gbp is £29.00. */
export function formatMoney(hundredths: Cents | Pence, currency: string): string {
  const amount = formatDecimal(requireWhole(hundredths), 2, 2)
  const sign = signs[currency.toLowerCase()]
  return sign === undefined ? `${amount} ${currency.toUpperCase()}` : sign + amount
}
