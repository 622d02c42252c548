import { expect, test } from 'vitest'
import { chooseCoding } from './accept-encoding.ts'

test.each([
  [null, undefined],
  ['', undefined],
  ['gzip', 'gzip'],
  ['br', 'br'],
  ['gzip, deflate, br, zstd', 'br'],
  ['GZIP', 'gzip'],
  ['deflate, zstd', undefined],
  ['*', 'br'],
  ['gzip;q=0', undefined],
  ['br;q=0, *', 'gzip'],
  ['*;q=0', undefined],
  ['gzip;q=1.0, br;q=0.5', 'gzip'],
  ['gzip;q=0.5, br;q=0.5', 'br'],
  ['identity;q=1, gzip;q=0', undefined],
  ['identity, gzip;q=0.5', undefined],
  ['identity;q=0.5, gzip', 'gzip'],
  ['identity;q=0, gzip;q=0.1', 'gzip'],
  ['brotli, xgzip', undefined],
])('%s: %s', (header, coding) => {
  expect(chooseCoding(header)).toBe(coding)
})
