import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createSecrets } from './secrets.ts'

const secrets = createSecrets('the present secret, long enough')

test('what was sealed opens again, for the same purpose only', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (plain) => {
      const box = secrets.seal(plain, 'test')
      expect(secrets.open(box, 'test')).toBe(plain)
      expect(() => secrets.open(box, 'other')).toThrow('unable to authenticate')
    }),
  )
})

test('an altered box does not open', () => {
  const box = secrets.seal('balance: 10', 'test')
  const altered = box.slice(0, -2) + (box.endsWith('AA') ? 'BB' : 'AA')
  expect(() => secrets.open(altered, 'test')).toThrow('unable to authenticate')
})

test('after a rotation old boxes open, and new ones are made with the new secret', () => {
  const box = secrets.seal('kept', 'test')
  const rotated = createSecrets('the next secret, long enough', ['the present secret, long enough'])
  expect(rotated.open(box, 'test')).toBe('kept')
  expect(() => secrets.open(rotated.seal('new', 'test'), 'test')).toThrow('unknown secret')
})

test('a key to sign with belongs to one purpose and one secret, and stays the same', () => {
  const key = secrets.signingKey('test')
  expect(Buffer.from(key, 'base64url')).toHaveLength(32)
  expect(createSecrets('the present secret, long enough', ['another secret, long enough']).signingKey('test')).toBe(key)
  expect(new Set([key, secrets.signingKey('other'), createSecrets('the next secret, long enough').signingKey('test')]).size).toBe(3)
})
