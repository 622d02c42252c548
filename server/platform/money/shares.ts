import { WHOLE_BASIS_POINTS } from './percent.contract.ts'
import type { TokenUnits } from './units.contract.ts'

/** What a share of so many basis points is of an amount, without the part of a unit that is left over. */
export const shareOf = (amountUnits: TokenUnits, basisPoints: number): TokenUnits =>
  (amountUnits * BigInt(basisPoints)) / BigInt(WHOLE_BASIS_POINTS)

/**
 * Divides an amount by weights, so that the parts add up to it exactly: everyone gets the whole units of their share, and
 * those that are left over go one each to the largest remainders, the first of equals first.
 *
 * @param weights Whole numbers above 0, such as basis points.
 */
export function divide(amountUnits: TokenUnits, weights: readonly number[]): TokenUnits[] {
  const total = weights.reduce((sum, weight) => sum + BigInt(weight), 0n)
  const shares = weights.map((weight, index) => {
    const exact = amountUnits * BigInt(weight)
    return { index, units: exact / total, remainder: exact % total }
  })
  const left = Number(amountUnits - shares.reduce((sum, { units }) => sum + units, 0n))
  const byRemainder = [...shares].sort((a, b) => (a.remainder === b.remainder ? a.index - b.index : a.remainder > b.remainder ? -1 : 1))
  for (const share of byRemainder.slice(0, left)) share.units += 1n
  return shares.map(({ units }) => units)
}
