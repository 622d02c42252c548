import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatMoney } from './currencies.contract.ts'
import { formatCents, formatNanoUsd, formatUsd, microUsdWithin, parseUsd, readNanoUsd } from './usd.contract.ts'

test.each([
  [0, '0.00'],
  [1, '0.000001'],
  [12_500, '0.0125'],
  [150_000, '0.15'],
  [500_000, '0.50'],
  [1_000_000, '1.00'],
  [100_000_000, '100.00'],
  [1_230_000, '1.23'],
])('%i millionths of a dollar are written %s', (microUsd, text) => expect(formatUsd(microUsd)).toBe(text))

test.each([
  ['1', 1_000_000],
  ['1.5', 1_500_000],
  ['99.99', 99_990_000],
])('%s is read as %i', (text, microUsd) => expect(parseUsd(text)).toBe(microUsd))

test('what was written is read as the same amount', () => {
  fc.assert(fc.property(fc.nat(), (microUsd) => void expect(parseUsd(formatUsd(microUsd))).toBe(microUsd)))
})

test.each(['', '1.0000001', '-1', '1e3', '1,5', 'NaN', '.5', '9'.repeat(20)])('%o is no amount of dollars', (text) =>
  expect(() => parseUsd(text)).toThrow(RangeError),
)

test.each([0.1, NaN, Infinity, 2 ** 53])('%d is no amount of the smallest unit', (amount) => {
  expect(() => formatUsd(amount)).toThrow(RangeError)
  expect(() => formatCents(amount)).toThrow(RangeError)
})

test('a header shows a plain decimal', () => {
  expect([1, 450_000, 1_000_000_000, 0].map(formatNanoUsd)).toEqual(['0.000000001', '0.00045', '1', '0'])
})

test('cents are written with two places', () => {
  expect([0, 5, 1999, 100_000].map(formatCents)).toEqual(['0.00', '0.05', '19.99', '1000.00'])
})

test('what is left of an amount after whole millionths is not counted', () => {
  expect([0, 999, 1000, 1999, -1].map(microUsdWithin)).toEqual([0, 0, 1, 1, -1])
})

test('what somebody else tells as a cost is counted, or is none', () => {
  expect([0.1, 0, -1, NaN, Infinity, 1e300, '1', undefined].map(readNanoUsd)).toEqual([100_000_000, 0, ...Array(6).fill(undefined)])
})

test('money is written with the sign of its currency, or its name', () => {
  expect([formatMoney(2900, 'gbp'), formatMoney(5, 'USD'), formatMoney(1250, 'chf')]).toEqual(['£29.00', '$0.05', '12.50 CHF'])
})
