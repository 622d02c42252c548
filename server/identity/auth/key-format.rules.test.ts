import { expect, test } from 'vitest'
import { generateApiKey, problemWithKey } from './key-format.rules.ts'

test('a key has a form that scanners can look for, and a checksum that fits', () => {
  for (let count = 0; count < 200; count++) {
    const key = generateApiKey()
    expect(key).toMatch(/^sk_[0-9A-Za-z]{49}$/)
    expect(problemWithKey(key)).toBeUndefined()
  }
})

test('one wrong character is noticed, wherever it is', () => {
  const key = generateApiKey()
  for (let at = 'sk_'.length; at < key.length; at++) {
    const mistyped = key.slice(0, at) + (key[at] === 'a' ? 'b' : 'a') + key.slice(at + 1)
    expect(problemWithKey(mistyped), `character ${at}`).toContain('checksum')
  }
})

test('two characters that changed places are noticed', () => {
  const key = 'sk_MrUASfu2Z8AcB1XrczTTO7nJ8GcRyAnSEBZvRAqEely'
  expect(problemWithKey(`${key}0JRmUA`)).toContain('checksum')
})

test('a key that was made before there were checksums may be one', () => {
  expect(problemWithKey('sk_MrUASfu2Z8AcB1XrczTTO7nJ8GcRyAnSEBZvRAqEely')).toBeUndefined()
})

test('what begins in another way is said to be none', () => {
  expect(problemWithKey('pk_MrUASfu2Z8AcB1XrczTTO7nJ8GcRyAnSEBZvRAqEely')).toContain('"sk_"')
})
