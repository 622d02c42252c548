import { describe, expect, test } from 'vitest'
import { findStep, newTotpSecret, stepAt, toBase32, totpCode, totpUri } from './totp.rules.ts'

/** Of RFC 6238, appendix B. */
const secret = Buffer.from('12345678901234567890')

test.each([
  [59, '94287082'],
  [1_111_111_109, '07081804'],
  [1_111_111_111, '14050471'],
  [1_234_567_890, '89005924'],
  [2_000_000_000, '69279037'],
  [20_000_000_000, '65353130'],
])('at second %i the code is %s, as RFC 6238 says', (second, code) => {
  expect(totpCode(secret, stepAt(second * 1000), 8)).toBe(code)
})

describe('a code', () => {
  const now = 1_800_000_000_000
  const step = stepAt(now)

  test.each([-1, 0, 1])('counts when it is %i steps from now', (drift) => {
    expect(findStep(secret, totpCode(secret, step + drift), now, null)).toBe(step + drift)
  })

  test.each([-2, 2])('does not when it is %i steps from now', (drift) => {
    expect(findStep(secret, totpCode(secret, step + drift), now, null)).toBeUndefined()
  })

  test('does not count once it, or a later one, was used', () => {
    expect(findStep(secret, totpCode(secret, step), now, step)).toBeUndefined()
    expect(findStep(secret, totpCode(secret, step - 1), now, step)).toBeUndefined()
    expect(findStep(secret, totpCode(secret, step + 1), now, step)).toBe(step + 1)
  })

  test.each(['', '12345', '1234567', 'abcdef', '１２３４５６'])('%j is none', (code) => {
    expect(findStep(secret, code, now, null)).toBeUndefined()
  })
})

test.each([
  ['', ''],
  ['f', 'MY'],
  ['fo', 'MZXQ'],
  ['foo', 'MZXW6'],
  ['foob', 'MZXW6YQ'],
  ['fooba', 'MZXW6YTB'],
  ['foobar', 'MZXW6YTBOI'],
])('%j is %j in base32, as RFC 4648 says', (text, base32) => {
  expect(toBase32(Buffer.from(text))).toBe(base32)
})

test('an app is told the secret, who it is for, and of whom', () => {
  const uri = new URL(totpUri(secret, 'Agent bot', 'ines+x@example.org'))
  expect(uri.protocol).toBe('otpauth:')
  expect(decodeURIComponent(uri.pathname)).toBe('/Agent bot:ines+x@example.org')
  expect(uri.searchParams.get('secret')).toBe('GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ')
  expect(uri.searchParams.get('issuer')).toBe('Agent bot')
})

test('a secret has 160 random bits', () => {
  expect(newTotpSecret()).toHaveLength(20)
  expect(newTotpSecret()).not.toEqual(newTotpSecret())
})
