import { describe, expect, test } from 'vitest'
import { boundedJson, nameText, nameTextOrNone, spokenText } from './texts.contract.ts'

const fits = (schema: { safeParse(value: unknown): { success: boolean } }, value: unknown) => schema.safeParse(value).success

describe('a name', () => {
  test.each(['Night Clerk', 'مرفأ الليل', '夜勤', 'Zoë', '👩‍💻', 'نمی‌دانم', '7', '  spaced  '])('may be %j', (name) =>
    expect(nameText(64).parse(name)).toBe(name.trim()),
  )

  test.each([
    ['empty', ''],
    ['spaces', ' \t '],
    ['zero-width spaces', '\u200B\u200B'],
    ['a joiner', '\u200D'],
    ['a byte order mark', '\uFEFF'],
    ['a soft hyphen', '\u00AD'],
    ['a filler', '\u3164'],
    ['an empty Braille cell', '\u2800'],
    ['a variation selector', '\uFE0F'],
    ['a control character', '\u0007'],
    ['a control character in it', 'Night\u0007Clerk'],
    ['a line end in it', 'Night\nClerk'],
    ['an override of the direction', 'clerk\u202Egpj.exe'],
    ['an isolate', 'clerk\u2066x'],
    ['a line separator', 'a\u2028b'],
  ])('may not be %s', (_what, name) => expect(fits(nameText(64), name)).toBe(false))

  test('has one problem when it is empty', () => expect(nameText(64).safeParse('').error!.issues).toHaveLength(1))

  test('may be left empty where that means none, but not be there without being seen', () => {
    expect(fits(nameTextOrNone(64), '')).toBe(true)
    expect(fits(nameTextOrNone(64), '\u200B')).toBe(false)
  })
})

test('what is said has something to be seen in it, and is kept as it is', () => {
  expect(spokenText(100).parse('  Go\non\u0007 ')).toBe('  Go\non\u0007 ')
  for (const text of ['', ' ', '\n\n', '\u200B', 'x'.repeat(101)]) expect(fits(spokenText(100), text)).toBe(false)
})

test('JSON of any form has bounds in bytes and in levels', () => {
  const schema = boundedJson({ maxBytes: 20, maxDepth: 2 })
  expect(fits(schema, { a: { b: 1 } })).toBe(true)
  expect(fits(schema, { a: { b: {} } })).toBe(false)
  expect(fits(schema, { a: [[1]] })).toBe(false)
  expect(fits(schema, { a: 'é'.repeat(6) })).toBe(true)
  expect(fits(schema, { a: 'é'.repeat(7) })).toBe(false)
})
