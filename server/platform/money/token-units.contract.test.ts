import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatTokenUnits, microUsdOfUnits, parseTokenUnits, unitsOfMicroUsd } from './token-units.contract.ts'

test.each([
  ['1', 6, 1_000_000n],
  ['0.000001', 6, 1n],
  ['12.5', 18, 12_500_000_000_000_000_000n],
])('%s with %i places is %s units', (text, decimals, units) => expect(parseTokenUnits(text, decimals)).toBe(units))

test.each(['1.0000001', '-1', '1e18', '0x10', ' 1', ''])('%o is no amount of a token of six places', (text) =>
  expect(() => parseTokenUnits(text, 6)).toThrow(RangeError),
)

test('what was written is read as the same amount, however large', () => {
  fc.assert(
    fc.property(
      fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }),
      fc.integer({ min: 1, max: 18 }),
      (units, decimals) => void expect(parseTokenUnits(formatTokenUnits(units, decimals), decimals)).toBe(units),
    ),
  )
})

test('an amount beyond what a number holds exactly is no number', () => {
  expect(unitsOfMicroUsd(microUsdOfUnits(2n ** 53n - 1n))).toBe(2n ** 53n - 1n)
  expect(() => microUsdOfUnits(2n ** 53n)).toThrow(RangeError)
})
