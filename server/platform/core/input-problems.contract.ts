import type { z } from 'zod'

/** What a value is called, as in "expected text". */
const types: Record<string, string> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  bigint: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  tuple: 'a list',
  set: 'a list',
  object: 'an object',
  record: 'an object',
  map: 'an object',
  date: 'a time',
  null: 'null',
  undefined: 'nothing',
  void: 'nothing',
  never: 'nothing',
  nonoptional: 'a value',
}

const formats: Record<string, string> = {
  email: 'an email address',
  url: 'a URL',
  uuid: 'a UUID',
  guid: 'a UUID',
  datetime: 'a date and time, such as 2026-01-31T12:00:00Z',
  date: 'a date, such as 2026-01-31',
  time: 'a time of day, such as 12:00:00',
  duration: 'a duration, such as PT1H30M',
  ipv4: 'an IPv4 address',
  ipv6: 'an IPv6 address',
  cidrv4: 'a range of IPv4 addresses',
  cidrv6: 'a range of IPv6 addresses',
  base64: 'base64',
  base64url: 'base64url',
  json_string: 'text that is JSON',
  e164: 'a phone number, such as +15550100',
  jwt: 'a JSON Web Token',
}

/** What a length counts; anything else that is too small or too big is a number. */
const units: Record<string, string> = {
  string: 'character',
  array: 'item',
  set: 'item',
  map: 'field',
  object: 'field',
  record: 'field',
  file: 'byte',
}

/**
 * Words for what does not fit a schema, each the end of a sentence that begins with the name of the field:
 * "expected text". For `safeParse(input, { error: describeIssue })`; what a contract words itself wins.
 */
export const describeIssue: z.core.$ZodErrorMap = (issue) => {
  switch (issue.code) {
    case 'invalid_type':
      // What was left out is one thing; null was sent on purpose.
      return `expected ${types[issue.expected] ?? `a ${issue.expected}`}${issue.input === null ? ', not null' : ''}`
    case 'invalid_value':
      return `expected ${issue.values.length > 1 ? 'one of ' : ''}${issue.values.map(String).join(', ')}`
    case 'too_small':
      return `expected ${bound(issue.exact, issue.inclusive ? 'at least' : 'more than')} ${amount(issue.minimum, issue.origin)}`
    case 'too_big':
      return `expected ${bound(issue.exact, issue.inclusive ? 'at most' : 'less than')} ${amount(issue.maximum, issue.origin)}`
    case 'not_multiple_of':
      return `expected a multiple of ${issue.divisor}`
    case 'invalid_format':
      return `expected ${formatOf(issue as z.core.$ZodStringFormatIssues)}`
    case 'unrecognized_keys':
      return `expected no ${issue.keys.length > 1 ? 'fields' : 'field'} ${issue.keys.map((key) => JSON.stringify(key)).join(', ')}`
    case 'invalid_key':
      return `expected another name of a field: ${issue.issues[0]?.message}`
    case 'invalid_element':
      return `expected other items: ${issue.issues[0]?.message}`
    case 'invalid_union':
      return describeUnion(issue as z.core.$ZodIssueInvalidUnion)
    default:
      return 'expected another value'
  }
}

const bound = (isExact: boolean | undefined, words: string): string => (isExact ? 'exactly' : words)

function amount(size: number | bigint, origin: string): string {
  const unit = units[origin]
  return unit ? `${size} ${unit}${Number(size) === 1 ? '' : 's'}` : String(size)
}

function formatOf(issue: z.core.$ZodStringFormatIssues): string {
  switch (issue.format) {
    case 'starts_with':
      return `text that begins with ${JSON.stringify(issue.prefix)}`
    case 'ends_with':
      return `text that ends with ${JSON.stringify(issue.suffix)}`
    case 'includes':
      return `text that contains ${JSON.stringify(issue.includes)}`
    case 'regex':
      return `text that matches ${issue.pattern}`
    default:
      return formats[issue.format] ?? `text in the format ${issue.format}`
  }
}

/** What the options expect of the value itself: "expected text or a list". */
function describeUnion(issue: z.core.$ZodIssueInvalidUnion): string {
  if (issue.inclusive === false) return 'expected a value that fits one of the options only'
  if (issue.options?.length) return `expected one of ${issue.options.map(String).join(', ')}`
  const wanted = issue.errors.flatMap(([first]) => (first ? [first.message.replace(/^expected /, '')] : []))
  return `expected ${[...new Set(wanted)].join(' or ')}`
}

/** One value that was refused: its path from the root of the input, and what was expected there. */
interface Problem {
  path: PropertyKey[]
  message: string
}

/**
 * The problems behind an issue. Of a union whose options are told apart by what they are, such as text or a list,
 * they are those of the option that was meant.
 */
export function problemsOf(issue: z.core.$ZodIssue): Problem[] {
  if (issue.code !== 'invalid_union' || issue.message !== describeUnion(issue)) return [issue]
  const meant = issue.errors.filter((problems) => problems.every(({ path }) => path.length > 0))
  const closest = meant.toSorted((a, b) => a.length - b.length)[0]
  if (!closest) return [issue]
  return closest.flatMap(problemsOf).map(({ path, message }) => ({ path: [...issue.path, ...path], message }))
}
