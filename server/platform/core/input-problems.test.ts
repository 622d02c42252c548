import { expect, test } from 'vitest'
import { z } from 'zod'
import { InvalidInput } from './errors.ts'
import { parseInput } from '../operations/index.ts'

/** What a caller is told who sends `value` as the field `it`. */
function problemsWith(schema: z.ZodType, value: unknown): string {
  try {
    parseInput(z.object({ it: schema }), value === undefined ? {} : { it: value })
  } catch (error) {
    if (error instanceof InvalidInput) return error.message
    throw error
  }
  return 'none'
}

const part = z.object({ type: z.literal('text'), text: z.string() })
const event = z.discriminatedUnion('type', [
  z.object({ type: z.literal('a'), size: z.number() }),
  z.object({ type: z.literal('b'), name: z.string() }),
])

test.each<[schema: z.ZodType, value: unknown, message: string]>([
  // Left out, or another type.
  [z.string(), undefined, 'it: expected text'],
  [z.string(), 5, 'it: expected text'],
  [z.string(), null, 'it: expected text, not null'],
  [z.number(), '5', 'it: expected a number'],
  [z.int(), 1.5, 'it: expected a whole number'],
  [z.int(), 1e300, 'it: expected at most 9007199254740991'],
  [z.boolean(), 'yes', 'it: expected true or false'],
  [z.array(z.string()), {}, 'it: expected a list'],
  [z.array(z.string()), ['a', 1], 'it.1: expected text'],
  [z.object({}), [], 'it: expected an object'],
  [z.object({ name: z.string() }), {}, 'it.name: expected text'],
  [z.record(z.string(), z.number()), 'a', 'it: expected an object'],
  [z.record(z.string(), z.number()), { a: 'b' }, 'it.a: expected a number'],
  [z.tuple([z.string()]), 'a', 'it: expected a list'],
  [z.null(), 1, 'it: expected null'],
  [z.never(), 1, 'it: expected nothing'],
  // Sizes.
  [z.string().min(1), '', 'it: expected at least 1 character'],
  [z.string().min(2), 'a', 'it: expected at least 2 characters'],
  [z.string().max(3), 'abcd', 'it: expected at most 3 characters'],
  [z.string().length(3), 'ab', 'it: expected exactly 3 characters'],
  [z.array(z.string()).min(1), [], 'it: expected at least 1 item'],
  [z.array(z.string()).max(1), ['a', 'b'], 'it: expected at most 1 item'],
  [z.number().min(0), -1, 'it: expected at least 0'],
  [z.number().positive(), 0, 'it: expected more than 0'],
  [z.number().max(2), 3, 'it: expected at most 2'],
  [z.number().lt(2), 2, 'it: expected less than 2'],
  [z.number().multipleOf(5), 7, 'it: expected a multiple of 5'],
  // Choices.
  [z.literal('a'), 'b', 'it: expected a'],
  [z.enum(['red', 'green']), 'blue', 'it: expected one of red, green'],
  [z.enum(['red', 'green']), undefined, 'it: expected one of red, green'],
  [z.literal([1, true, null]), 2, 'it: expected one of 1, true, null'],
  // Formats.
  [z.email(), 'nobody', 'it: expected an email address'],
  [z.url(), 'nowhere', 'it: expected a URL'],
  [z.uuid(), '1', 'it: expected a UUID'],
  [z.iso.datetime(), 'today', 'it: expected a date and time, such as 2026-01-31T12:00:00Z'],
  [z.iso.date(), 'today', 'it: expected a date, such as 2026-01-31'],
  [z.base64(), '?', 'it: expected base64'],
  [z.string().startsWith('sk_'), 'x', 'it: expected text that begins with "sk_"'],
  [z.string().endsWith('.md'), 'x', 'it: expected text that ends with ".md"'],
  [z.string().includes('@'), 'x', 'it: expected text that contains "@"'],
  [z.string().regex(/^\d+$/), 'x', 'it: expected text that matches /^\\d+$/'],
  [z.nanoid(), '?', 'it: expected text in the format nanoid'],
  // Names of fields.
  [z.strictObject({}), { a: 1 }, 'it: expected no field "a"'],
  [z.strictObject({}), { a: 1, b: 2 }, 'it: expected no fields "a", "b"'],
  [z.record(z.string().max(1), z.number()), { ab: 1 }, 'it.ab: expected another name of a field: expected at most 1 character'],
  // Several shapes.
  [z.union([z.string(), z.number()]), true, 'it: expected text or a number'],
  [z.union([z.string(), z.array(part)]), 5, 'it: expected text or a list'],
  [z.union([z.string(), z.array(part)]), [{ type: 'text' }], 'it.0.text: expected text'],
  [z.union([z.email(), z.uuid()]), 'x', 'it: expected an email address or a UUID'],
  [z.string().nullable(), 5, 'it: expected text'],
  [event, { type: 'c' }, 'it.type: expected one of a, b'],
  [event, { type: 'a' }, 'it.size: expected a number'],
  [z.union([z.object({ a: z.string() }), z.object({ b: z.string(), c: z.string() })]), {}, 'it.a: expected text'],
  [z.xor([z.string(), z.string().min(1)]), 'a', 'it: expected a value that fits one of the options only'],
  // A contract's own words.
  [z.string('a name, please'), undefined, 'it: a name, please'],
  [z.string().regex(/x/, 'expected an x'), 'y', 'it: expected an x'],
  [z.union([z.string(), z.array(part)], 'expected a text or parts'), [{}], 'it: expected a text or parts'],
  [z.string().refine(() => false, 'expected luck'), 'x', 'it: expected luck'],
  [z.string().refine(() => false), 'x', 'it: expected another value'],
  [z.string(), 'fits', 'none'],
])('%#: %j', (schema, value, message) => {
  expect(problemsWith(schema, value)).toBe(message)
})

test('several problems are said together', () => {
  expect(problemsWith(z.object({ name: z.string(), age: z.number() }), {})).toBe('it.name: expected text; it.age: expected a number')
})
