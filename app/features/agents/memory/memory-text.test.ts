import { expect, test } from 'vitest'
import { fromText, toText } from './memory-text.ts'

test.each(['Ada', '', '42', 'true', '{"a":1}', '"quoted"', 'two\nlines', 42, null, false, [1, 'x'], { a: { b: 1 } }])(
  '%j is the same after editing nothing',
  (value) => {
    expect(fromText(toText(value))).toEqual(value)
  },
)

test('plain text needs no quotes', () => {
  expect(toText('Ada')).toBe('Ada')
  expect(fromText('Ada Lovelace')).toBe('Ada Lovelace')
})
