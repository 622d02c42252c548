import { expect, test } from 'vitest'
import { readQuantity } from './measure.ts'

test.each([
  ['250m', 0.25],
  ['1500000n', 0.0015],
  ['2', 2],
  ['128Mi', 134_217_728],
  ['1.5Gi', 1_610_612_736],
  ['1G', 1_000_000_000],
  ['12 apples', null],
  ['3Qi', null],
  [undefined, null],
])('%s is read as %s', (quantity, number) => {
  expect(readQuantity(quantity)).toBe(number)
})
