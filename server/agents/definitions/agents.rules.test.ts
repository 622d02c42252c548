import { expect, test } from 'vitest'
import { formatDuration, newAgentId, slugOf } from './agents.rules.ts'

test.each([
  ['Night Clerk', 'night-clerk'],
  ['  Café -- Über!! ', 'cafe-uber'],
  ['夜勤', 'agent'],
  ['---', 'agent'],
  ['x'.repeat(64), 'x'.repeat(40)],
])('the slug of "%s" is %s', (name, slug) => expect(slugOf(name)).toBe(slug))

test('an id is a host name label and differs each time', () => {
  const id = newAgentId('x'.repeat(64))
  expect(id).toMatch(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])$/)
  expect(newAgentId('Clerk')).not.toBe(newAgentId('Clerk'))
})

test.each([
  [0, '0s'],
  [45_000, '45s'],
  [5_400_000, '1h 30m'],
  [90_061_000, '1d 1h'],
  [3_600_000, '1h'],
])('%i ms reads %s', (ms, text) => expect(formatDuration(ms)).toBe(text))
