import fc from 'fast-check'
import { expect, test } from 'vitest'
import { divide, shareOf } from './shares.ts'

const sum = (parts: bigint[]) => parts.reduce((total, part) => total + part, 0n)

test('units that are left over go to the largest remainders, the first of equals first', () => {
  expect(divide(100n, [3333, 3333, 3334])).toEqual([33n, 33n, 34n])
  expect(divide(2n, [1, 1, 1])).toEqual([1n, 1n, 0n])
  expect(divide(357_500_001n, [6500, 2000, 1500])).toEqual([232_375_001n, 71_500_000n, 53_625_000n])
})

test('parts add up to the whole, and none is a unit away from its share', () => {
  const weights = fc.array(fc.integer({ min: 1, max: 10_000 }), { minLength: 1, maxLength: 20 })
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 10n ** 30n }), weights, (amount, shares) => {
      const parts = divide(amount, shares)
      const total = BigInt(shares.reduce((all, weight) => all + weight, 0))
      expect(sum(parts)).toBe(amount)
      parts.forEach((part, index) => {
        const off = part * total - amount * BigInt(shares[index]!)
        expect(off > -total && off < total).toBe(true)
      })
    }),
  )
})

test('a fee takes no part of a unit', () => {
  expect([shareOf(199n, 50), shareOf(200n, 50), shareOf(10n ** 24n, 50)]).toEqual([0n, 1n, 5n * 10n ** 21n])
})
