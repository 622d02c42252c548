import { resolve, type Schema } from './contract.ts'

/** A body that breaks one rule of its schema, and the field that has to be named for it. */
export interface BadBody {
  what: string
  field: string
  body: Record<string, unknown>
}

type Body = Record<string, unknown>

/** Every way to break one rule of a schema, starting from a body that is good. */
export function badBodies(schema: Schema, good: Body): BadBody[] {
  const { required, properties } = flatten(schema)
  const missing = required.map((field) => ({ what: `${field} missing`, field, body: without(good, field) }))
  const wrong = Object.entries(properties).flatMap(([field, inner]) =>
    wrongValues(inner).map(([what, value]) => ({ what: `${field} ${what}`, field, body: { ...good, [field]: value } })),
  )
  const nested = Object.entries(properties).flatMap(([field, inner]) => {
    const { properties: fields } = flatten(inner)
    if (Object.keys(fields).length === 0) return []
    return badBodies(inner, (good[field] ?? {}) as Body).map((bad) => ({
      what: `${field}.${bad.what}`,
      field: `${field}.${bad.field}`,
      body: { ...good, [field]: bad.body },
    }))
  })
  return [...missing, ...wrong, ...nested]
}

const without = (body: Body, field: string): Body => Object.fromEntries(Object.entries(body).filter(([name]) => name !== field))

/** Values the schema of one field does not allow. */
export function wrongValues(given: Schema): [what: string, value: unknown][] {
  const schema = resolve(given)
  const { type, minLength, maxLength, minimum, maximum } = schema
  const wrong: [string, unknown][] = []
  if (schema.enum) wrong.push(['of no known value', 'no-such-value'])
  if (type === 'string') wrong.push(['as a number', 7], ['as a list', ['a']], ['null', null])
  if (type === 'number' || type === 'integer') wrong.push(['as text', '7'], ['null', null])
  if (type === 'integer') wrong.push(['not whole', 1.5])
  if (type === 'boolean') wrong.push(['as text', 'true'], ['as a number', 1], ['null', null])
  if (type === 'array') wrong.push(['as text', 'a'], ['as an object', {}], ['null', null])
  if (type === 'object' || schema.allOf) wrong.push(['as text', 'a'], ['as a list', []], ['null', null])
  if (minLength === 1) wrong.push(['empty', ''])
  else if (minLength) wrong.push(['too short', 'x'.repeat(minLength - 1)])
  if (maxLength) wrong.push(['too long', 'x'.repeat(maxLength + 1)])
  if (minimum !== undefined) wrong.push(['too small', minimum - 1])
  if (maximum !== undefined) wrong.push(['too large', maximum + 1])
  if (schema.format === 'email') wrong.push(['malformed', 'not an address'])
  if (schema.pattern) wrong.push(['malformed', '!?'])
  return wrong
}

/** The fields of an object, with those of all its parts. */
function flatten(given: Schema): { required: string[]; properties: Record<string, Schema> } {
  const schema = resolve(given)
  const parts = (schema.allOf ?? []).map(flatten)
  return {
    required: [...(schema.required ?? []), ...parts.flatMap(({ required }) => required)],
    properties: Object.assign({}, schema.properties, ...parts.map(({ properties }) => properties)) as Record<string, Schema>,
  }
}
