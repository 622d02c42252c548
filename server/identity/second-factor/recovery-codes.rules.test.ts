import { expect, test } from 'vitest'
import { hashRecoveryCode, isRecoveryCode, newRecoveryCodes } from './recovery-codes.rules.ts'

test('there are ten different codes of 80 bits', () => {
  const codes = newRecoveryCodes()
  expect(new Set(codes).size).toBe(10)
  for (const code of codes) expect(code).toMatch(/^([A-Z2-7]{4}-){3}[A-Z2-7]{4}$/)
})

test('however one is typed, it is the same code', () => {
  const hash = hashRecoveryCode('ABCD-EFGH-IJKL-MNOP')
  for (const typed of ['abcd-efgh-ijkl-mnop', 'ABCDEFGHIJKLMNOP', ' abcd efgh ijkl mnop ']) expect(hashRecoveryCode(typed)).toBe(hash)
  expect(hashRecoveryCode('ABCD-EFGH-IJKL-MNOQ')).not.toBe(hash)
})

test('codes of an app are not taken for one', () => {
  expect(isRecoveryCode('123 456')).toBe(false)
  expect(isRecoveryCode('ABCD-EFGH-IJKL-MNOP')).toBe(true)
})
