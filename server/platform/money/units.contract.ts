declare const unit: unique symbol

/** A whole number of one unit. One unit is not taken for another; a plain number may be given for any, and is looked at where it is booked. */
type Amount<Unit extends string> = number & { readonly [unit]?: Unit }

/** Millionths of a US dollar, in which the ledger counts: a sum of them is exact. One credit is one dollar. */
export type MicroUsd = Amount<'micro-usd'>

/** Billionths of a US dollar, in which calls of models are priced. */
export type NanoUsd = Amount<'nano-usd'>

/** Hundredths of a US dollar. */
export type Cents = Amount<'cent'>

/** Hundredths of a pound. */
export type Pence = Amount<'penny'>

/** The smallest units of a token or of a chain's own coin (wei), which go beyond what a number holds. */
export type TokenUnits = bigint & { readonly [unit]?: 'token-unit' }

/** @throws RangeError for what is no whole number, or too large to be counted exactly. */
export function requireWhole(amount: number): number {
  if (!Number.isSafeInteger(amount)) throw new RangeError(`An amount of money is a whole number of its smallest unit, not ${amount}`)
  return amount
}
