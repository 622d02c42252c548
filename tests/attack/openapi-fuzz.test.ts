import { readFile } from 'node:fs/promises'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startAttackedServer, type AttackedServer } from './attacked-server.ts'
import { credentials, fuzz, fuzzTimeout, hostile, spoiled, type FuzzedRequest } from './fuzz.ts'

interface Schema {
  $ref?: string
  type?: string | string[]
  enum?: unknown[]
  const?: unknown
  properties?: Record<string, Schema>
  required?: string[]
  items?: Schema
  allOf?: Schema[]
  anyOf?: Schema[]
  oneOf?: Schema[]
  minimum?: number
  maximum?: number
}

interface Parameter {
  name: string
  in: string
  schema: Schema
  example?: unknown
}

interface Content {
  schema: Schema
  example?: unknown
  examples?: Record<string, { value: unknown }>
}

interface DocumentedOperation {
  operationId: string
  parameters?: Parameter[]
  requestBody?: { content: Record<string, Content> }
}

interface OpenApi {
  paths: Record<string, Record<string, DocumentedOperation>>
  components: { schemas: Record<string, Schema> }
}

/** Deep enough for every documented shape; they are not recursive. */
const MAX_DEPTH = 6

const document = JSON.parse(await readFile(new URL('../../docs/openapi.json', import.meta.url), 'utf8')) as OpenApi

let server: AttackedServer
beforeAll(async () => {
  server = await startAttackedServer({ RATE_LIMIT_SCALE: '100000', SELF_HOSTED_PLAN: 'network' })
})
afterAll(() => server.close())

function valueOf(schema: Schema, depth = 0): fc.Arbitrary<unknown> {
  if (depth > MAX_DEPTH) return hostile
  return fc.oneof({ weight: 5, arbitrary: fitting(schema, depth) }, { weight: 1, arbitrary: hostile })
}

/** Something the schema might allow. */
function fitting(schema: Schema, depth: number): fc.Arbitrary<unknown> {
  if (schema.$ref) return valueOf(document.components.schemas[schema.$ref.split('/').at(-1)!]!, depth + 1)
  if (schema.const !== undefined) return fc.constant(schema.const)
  if (schema.enum) return fc.constantFrom(...schema.enum)
  if (schema.allOf)
    return fc.tuple(...schema.allOf.map((part) => fitting(part, depth + 1))).map((parts) => Object.assign({}, ...parts) as object)
  const options = schema.anyOf ?? schema.oneOf
  if (options) return fc.oneof(...options.map((option) => fitting(option, depth + 1)))
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type
  if (type === 'string') return fc.oneof(fc.string({ maxLength: 30, unit: 'binary' }), fc.constantFrom('hello', 'local/commands'))
  if (type === 'integer')
    return fc.integer({ min: schema.minimum ?? -10, max: Math.max(schema.minimum ?? 0, Math.min(schema.maximum ?? 1e6, 1e6)) })
  if (type === 'number') return fc.double({ noNaN: true, noDefaultInfinity: true })
  if (type === 'boolean') return fc.boolean()
  if (type === 'array') return fc.array(valueOf(schema.items ?? {}, depth + 1), { maxLength: 3 })
  const fields = Object.entries(schema.properties ?? {}).map(([name, field]) => [name, valueOf(field, depth + 1)] as const)
  return fields.length === 0
    ? fc.dictionary(fc.string(), hostile, { maxKeys: 3 })
    : fc.record(Object.fromEntries(fields), { requiredKeys: schema.required ?? [] })
}

const asText = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value)).toWellFormed().slice(0, 2000)

/** What is shown for a parameter, spoiled now and then, or something that might fit; now and then it is left out. */
const parameterValue = ({ schema, example, in: place }: Parameter): fc.Arbitrary<unknown> => {
  const made = valueOf(schema)
  const sent = example === undefined ? made : fc.oneof({ weight: 3, arbitrary: fc.constant(example) }, { weight: 1, arbitrary: made })
  return place === 'path' ? sent : fc.option(sent, { nil: undefined, freq: 3 })
}

/** A good body with one thing wrong, one of the right shape, or as it is shown. */
function bodyOf({ schema, example, examples = {} }: Content): fc.Arbitrary<string> {
  const shown = [...(example === undefined ? [] : [example]), ...Object.values(examples).map(({ value }) => value)]
  const fromShown = shown.flatMap((good) => [
    { weight: 3, arbitrary: spoiled(good) },
    { weight: 1, arbitrary: fc.constant<unknown>(good) },
  ])
  const body = fc.oneof(...fromShown, { weight: 3, arbitrary: valueOf(schema) }).map((value) => JSON.stringify(value) ?? '')
  const broken = body.chain((text) => fc.nat(text.length).map((end) => text.slice(0, end)))
  return fc.oneof({ weight: 12, arbitrary: body }, { weight: 1, arbitrary: broken })
}

function requestsOf(method: string, path: string, operation: DocumentedOperation): fc.Arbitrary<FuzzedRequest> {
  const { parameters = [], requestBody, operationId } = operation
  const content = requestBody?.content['application/json']
  const values = fc.record(Object.fromEntries(parameters.map((parameter) => [parameter.name, parameterValue(parameter)])))
  return fc
    .record({ values, body: content ? bodyOf(content) : fc.constant(undefined), credential: credentials })
    .map(({ values, ...rest }) => {
      const filled = path.replaceAll(/\{(\w+)\}/g, (_whole, name: string) => encodeURIComponent(asText(values[name])) || '-')
      const query = new URLSearchParams(
        parameters.flatMap(({ name, in: place }) =>
          place === 'query' && values[name] !== undefined ? [[name, asText(values[name])]] : [],
        ),
      )
      return { ...rest, name: operationId, method: method.toUpperCase(), path: `${filled}${query.size > 0 ? `?${query}` : ''}` }
    })
}

test(
  'whatever is sent to a documented path, the answer is a documented one',
  async () => {
    const targets = Object.entries(document.paths).flatMap(([path, operations]) =>
      Object.entries(operations).map(([method, operation]) => requestsOf(method, path, operation)),
    )
    const isFine = ({ status, text }: { status: number; text: string }, { method }: FuzzedRequest) =>
      status < 400 || method === 'HEAD' || hasErrorForm(text)
    expect(await fuzz(server, targets, isFine)).toEqual([])
  },
  fuzzTimeout,
)

/** Every failure says what it is in `error`, in words or in the form of the OpenAI API. */
function hasErrorForm(text: string): boolean {
  try {
    const { error } = JSON.parse(text) as { error?: unknown }
    return (typeof error === 'string' && error !== '') || typeof (error as { message?: unknown } | undefined)?.message === 'string'
  } catch {
    return false
  }
}
