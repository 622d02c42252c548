import { expect, test } from 'vitest'
import { isAllowedAddress } from './allowed-addresses.rules.ts'

test.each([
  ['203.0.113.7', '203.0.113.7', true],
  ['203.0.113.7', '203.0.113.8', false],
  ['203.0.113.0/24', '203.0.113.255', true],
  ['203.0.113.0/24', '203.0.114.0', false],
  ['10.0.0.0/8', '::ffff:10.1.2.3', true],
  ['::ffff:10.1.2.3', '10.1.2.3', true],
  ['2001:db8::/32', '2001:db8:1::9', true],
  ['2001:db8::/32', '2001:db9::9', false],
  ['0.0.0.0/0', '2001:db8::1', false],
])('of %s, %s is one: %s', (network, address, isOne) => {
  expect(isAllowedAddress([network], address)).toBe(isOne)
})

test('without a list every address is one, and with one none that is not known', () => {
  expect(isAllowedAddress(null, '')).toBe(true)
  expect(isAllowedAddress(['0.0.0.0/0', '::/0'], '')).toBe(false)
})
