import { expect, test } from 'vitest'
import { cutText } from './text-check.ts'

test.each([
  ['Tide', 10, 'Tide'],
  ['Tide', 4, 'Tide'],
  ['Tide', 2, 'Ti'],
  ['Tide', 0, ''],
  ['🌒🌓', 4, '🌒🌓'],
  ['🌒🌓', 3, '🌒'],
  ['🌒🌓', 2, '🌒'],
  ['🌒🌓', 1, ''],
  ['a🌒', 2, 'a'],
  // Half a pair is no character to be kept whole.
  ['\ud83ca', 1, '\ud83c'],
])('%j cut to %i is %j', (text, max, expected) => {
  expect(cutText(text, max)).toBe(expected)
})
