import { expect, test } from 'vitest'
import { nextPath } from './next-path.ts'

test.each([
  ['/keys', '/keys'],
  ['/agents/a?tab=1#x', '/agents/a?tab=1#x'],
  ['/login/../keys', '/keys'],
  [null, '/agents'],
  ['', '/agents'],
  ['keys', '/agents'],
  ['https://evil.example', '/agents'],
  ['//evil.example', '/agents'],
  ['/\\evil.example', '/agents'],
  ['/\t/evil.example', '/agents'],
  ['/.//evil.example', '/agents'],
  ['javascript:alert(1)', '/agents'],
])('after signing in, %j leads to %s', (next, path) => {
  expect(nextPath(next)).toBe(path)
})
