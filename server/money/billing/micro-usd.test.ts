import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatUsd, parseUsd } from './micro-usd.ts'

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
