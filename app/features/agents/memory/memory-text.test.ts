import { expect, test } from 'vitest'
import { fromText, toText } from './memory-text.ts'

test.each(['Ada', '', '42', 'true', '{"a":1}', '"quoted"', 'two\nlines', 42, null, false, [1, 'x'], { a: { b: 1 } }])(
  '%j is the same after editing nothing',
  (value) => {
    expect(fromText(toText(value))).toEqual(value)
  },
)

test.each(['1e400', '{"a":[1e400]}'])('%s is text, not a number that nobody can store', (text) => {
  expect(fromText(text)).toBe(text)
})

test('plain text needs no quotes', () => {
  expect(toText('Ada')).toBe('Ada')
  expect(fromText('Ada Lovelace')).toBe('Ada Lovelace')
})
