import { readFile } from 'node:fs/promises'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startAttackedServer, type AttackedServer } from './attacked-server.ts'

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

interface DocumentedOperation {
  operationId: string
  parameters?: { name: string; in: string; schema: Schema }[]
  requestBody?: { content: Record<string, { schema: Schema }> }
}

interface OpenApi {
  paths: Record<string, Record<string, DocumentedOperation>>
  components: { schemas: Record<string, Schema> }
}

/** One request, as it goes out. */
interface FuzzedRequest {
  operationId: string
  method: string
  path: string
  credential: 'key' | 'cookie' | 'unknown' | 'none'
  body: string | undefined
}

const SEED = 20261126
const REQUESTS_PER_OPERATION = 8
const MAX_AT_ONCE = 6
/** Deep enough for every documented shape; they are not recursive. */
const MAX_DEPTH = 6

const document = JSON.parse(await readFile(new URL('../../docs/openapi.json', import.meta.url), 'utf8')) as OpenApi

let server: AttackedServer
beforeAll(async () => {
  server = await startAttackedServer({ RATE_LIMIT_SCALE: '100000' })
})
afterAll(() => server.close())

/** What nobody should send, and somebody will. */
const hostile: fc.Arbitrary<unknown> = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom<unknown>(
    null,
    '',
    '\0',
    '\ud800',
    '__proto__',
    '../../../etc/passwd',
    "' or 1=1 --",
    '%00',
    'x'.repeat(10_000),
    -1,
    0.1,
    1e308,
    2 ** 53,
    true,
    [],
    {},
    [[[[[]]]]],
    '9999-99-99T99:99:99Z',
  ),
)

function valueOf(schema: Schema, known: readonly string[], depth = 0): fc.Arbitrary<unknown> {
  if (depth > MAX_DEPTH) return hostile
  return fc.oneof({ weight: 5, arbitrary: fitting(schema, known, depth) }, { weight: 1, arbitrary: hostile })
}

/** Something the schema might allow. */
function fitting(schema: Schema, known: readonly string[], depth: number): fc.Arbitrary<unknown> {
  if (schema.$ref) return valueOf(document.components.schemas[schema.$ref.split('/').at(-1)!]!, known, depth + 1)
  if (schema.const !== undefined) return fc.constant(schema.const)
  if (schema.enum) return fc.constantFrom(...schema.enum)
  if (schema.allOf)
    return fc.tuple(...schema.allOf.map((part) => fitting(part, known, depth + 1))).map((parts) => Object.assign({}, ...parts))
  const options = schema.anyOf ?? schema.oneOf
  if (options) return fc.oneof(...options.map((option) => fitting(option, known, depth + 1)))
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type
  if (type === 'string') return fc.oneof(fc.string({ maxLength: 30, unit: 'binary' }), fc.constantFrom(...known))
  if (type === 'integer')
    return fc.integer({ min: schema.minimum ?? -10, max: Math.max(schema.minimum ?? 0, Math.min(schema.maximum ?? 1e6, 1e6)) })
  if (type === 'number') return fc.double({ noNaN: true, noDefaultInfinity: true })
  if (type === 'boolean') return fc.boolean()
  if (type === 'array') return fc.array(valueOf(schema.items ?? {}, known, depth + 1), { maxLength: 3 })
  const fields = Object.entries(schema.properties ?? {}).map(([name, field]) => [name, valueOf(field, known, depth + 1)] as const)
  return fields.length === 0
    ? fc.dictionary(fc.string(), hostile, { maxKeys: 3 })
    : fc.record(Object.fromEntries(fields), { requiredKeys: schema.required ?? [] })
}

const asText = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value)).toWellFormed().slice(0, 2000)

function requestsOf(method: string, path: string, operation: DocumentedOperation, known: readonly string[]): fc.Arbitrary<FuzzedRequest> {
  const { parameters = [], requestBody, operationId } = operation
  const schema = requestBody?.content['application/json']?.schema
  const values = fc.record(Object.fromEntries(parameters.map(({ name, schema: kind }) => [name, valueOf(kind, known)])))
  const body = schema ? valueOf(schema, known).map((value) => JSON.stringify(value)) : fc.constant(undefined)
  return fc
    .record({ values, body, credential: fc.constantFrom('key', 'key', 'key', 'cookie', 'unknown', 'none') })
    .map(({ values, ...rest }) => {
      const filled = path.replaceAll(/\{(\w+)\}/g, (_whole, name: string) => encodeURIComponent(asText(values[name])) || '-')
      const query = new URLSearchParams(
        parameters.filter((parameter) => parameter.in === 'query').map(({ name }) => [name, asText(values[name])]),
      )
      return { ...rest, operationId, method: method.toUpperCase(), path: `${filled}${query.size > 0 ? `?${query}` : ''}` } as FuzzedRequest
    })
}

test('whatever is sent to a documented path, the answer is a documented one', async () => {
  const { key, cookie } = await server.createAccount()
  const { body } = await server.call('POST', '/api/agents/provision', { key, body: { name: 'Fuzzed' } })
  const known = [(body as { agent: { id: string } }).agent.id, 'msg_unknown', 'local/commands', 'hello']
  const credentials = {
    key: { authorization: `Bearer ${key}` },
    cookie: { cookie },
    unknown: { authorization: 'Bearer sk_unknown' },
    none: {},
  }
  const requests = Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations).flatMap(([method, operation]) =>
      fc.sample(requestsOf(method, path, operation, known), { seed: SEED, numRuns: REQUESTS_PER_OPERATION }),
    ),
  )

  const faults: string[] = []
  const send = async ({ operationId, method, path, credential, body }: FuzzedRequest) => {
    const response = await fetch(server.url + path, {
      method,
      headers: { ...credentials[credential], ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body }),
    })
    const text = await response.text()
    const isOk = response.status < 400 || (response.status !== 500 && hasErrorForm(text)) || method === 'HEAD'
    if (!isOk) faults.push(`${operationId} (${credential}): ${method} ${path} ${body ?? ''} -> ${response.status} ${text.slice(0, 300)}`)
  }
  await server.underWatch({ maxGrowthMb: 250 }, async () => {
    const left = requests.values()
    const work = async () => {
      for (const request of left) await send(request)
    }
    await Promise.all(Array.from({ length: MAX_AT_ONCE }, work))
  })
  expect(faults).toEqual([])
})

/** Every failure says what it is in `error`, in words or in the form of the OpenAI API. */
function hasErrorForm(text: string): boolean {
  try {
    const { error } = JSON.parse(text) as { error?: unknown }
    return (typeof error === 'string' && error !== '') || typeof (error as { message?: unknown } | undefined)?.message === 'string'
  } catch {
    return false
  }
}
