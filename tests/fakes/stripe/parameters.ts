import type { Parameter, ParameterTree } from './parameter-tree.ts'
import { StripeProblem } from './problems.ts'

export type Values = { [name: string]: Value }
export type Value = string | Values | Value[]

/** `line_items[0][price]=…` and the like as what they stand for. Lists come numbered, so that they are read as objects first. */
export function readForm(text: string): Values {
  const root: Values = {}
  for (const [name, value] of new URLSearchParams(text)) {
    const steps = name.split(/\[|\]\[?/).filter((step, index, all) => step !== '' || index < all.length - 1)
    let at = root
    for (const step of steps.slice(0, -1)) at = (at[step] ??= {}) as Values
    at[steps.at(-1)!] = value
  }
  return root
}

/** Amounts and the like: the SDK's types only say that they are numbers. */
const DECIMALS = /decimal|percent/

/**
 * Checks what was sent against the parameters the operation has, and gives numbers, booleans and lists their types.
 *
 * @throws StripeProblem in the words of Stripe.
 */
export function checkParameters(tree: ParameterTree, operation: string, sent: Values): Record<string, unknown> {
  const fields = tree.operations[operation]
  if (!fields) throw new StripeProblem(404, 'invalid_request_error', `Unrecognized request URL (${operation}).`)
  return checkFields(fields, sent, '')
}

function checkFields(fields: Record<string, Parameter>, sent: Values, path: string): Record<string, unknown> {
  const nameOf = (field: string) => (path ? `${path}[${field}]` : field)
  const unknown = Object.keys(sent).find((field) => !Object.hasOwn(fields, field))
  if (unknown !== undefined) throw problem('parameter_unknown', `Received unknown parameter: ${nameOf(unknown)}`, nameOf(unknown))
  const missing = Object.keys(fields).find((field) => fields[field]!.required && !(field in sent))
  if (missing !== undefined) throw problem('parameter_missing', `Missing required param: ${nameOf(missing)}.`, nameOf(missing))
  return Object.fromEntries(Object.entries(sent).map(([field, value]) => [field, checkValue(fields[field]!, value, nameOf(field))]))
}

function checkValue(parameter: Parameter, value: Value, name: string): unknown {
  if (typeof value === 'string') return checkText(parameter, value, name)
  if (Array.isArray(value)) throw problem('parameter_invalid', `Invalid array: ${name}`, name)
  if (parameter.items) return Object.values(value).map((item, index) => checkValue(parameter.items!, item, `${name}[${index}]`))
  if (parameter.fields) return checkFields(parameter.fields, value, name)
  if (parameter.values)
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, checkValue(parameter.values!, item, `${name}[${key}]`)]))
  throw problem('parameter_invalid', `Invalid string: ${JSON.stringify(value)}`, name)
}

function checkText({ kinds = [], words, emptyable, fields, items, values }: Parameter, text: string, name: string): unknown {
  if (text === '' && (emptyable || values || (kinds.includes('string') && !words))) return null
  if (words?.includes(text)) return text
  if (words) throw problem('parameter_invalid', `Invalid ${name}: must be one of ${words.join(', ')}`, name)
  if (kinds.includes('number')) {
    if (/^-?\d+$/.test(text) || (DECIMALS.test(name) && /^-?\d+(\.\d+)?$/.test(text))) return Number(text)
    if (!kinds.includes('string')) throw problem('parameter_invalid_integer', `Invalid integer: ${text}`, name)
  }
  if (kinds.includes('boolean') && (text === 'true' || text === 'false')) return text === 'true'
  if (kinds.includes('string')) return text
  if (kinds.includes('boolean')) throw problem('parameter_invalid', `Invalid boolean: ${text}`, name)
  throw problem('parameter_invalid', items ? 'Invalid array' : fields || values ? 'Invalid object' : `Invalid ${name}`, name)
}

const problem = (code: string, message: string, param: string) => new StripeProblem(400, 'invalid_request_error', message, { code, param })
