import { expect, test } from 'vitest'
import { labelForDevice } from './device-label.ts'

test.each([
  ['Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15', 'iPhone'],
  ['Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36', 'Mac'],
  ['Mozilla/5.0 (Linux; Android 16; K) AppleWebKit/537.36', 'Android'],
  ['Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36', 'Linux'],
  ['Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36', 'Windows'],
  ['curl/8', 'Passkey'],
])('a passkey made by %s is called %s', (userAgent, label) => {
  expect(labelForDevice(userAgent)).toBe(label)
})
