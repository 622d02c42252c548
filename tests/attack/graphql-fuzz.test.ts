import fc from 'fast-check'
import { getNamedType, isEnumType, isListType, isNonNullType, type GraphQLArgument, type GraphQLInputType } from 'graphql'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { schema } from '../../schema/index.ts'
import { documentOf } from '../contract/graphql-transport.ts'
import { allOperations } from '../contract/transports.ts'
import { exposed } from '../../schema/expose.ts'
import { startAttackedServer, type AttackedServer } from './attacked-server.ts'

/** The same requests each time. */
const SEED = 20_261_126
const REQUESTS = 400
const AT_ONCE = 8

let server: AttackedServer
let key: string
let agentId: string
beforeAll(async () => {
  server = await startAttackedServer({ RATE_LIMIT_SCALE: '1000', SELF_HOSTED_PLAN: 'network' })
  key = (await server.createAccount()).key
  const { body } = await server.call('POST', '/api/agents/provision', { key, body: { name: 'Harbour Desk' } })
  agentId = (body as { agent: { id: string } }).agent.id
})
afterAll(() => server.close())

/** Stands for the id of an agent there is, which is known only once the server runs. */
const AGENT = 'AN AGENT'

const texts = [
  '',
  ' ',
  'a',
  AGENT,
  '\0',
  '\ud800',
  'x'.repeat(50_000),
  '../../etc/passwd',
  "'; drop table agents; --",
  '__proto__',
  '👩‍🚀',
  '1e400',
  'null',
]
const numbers = [0, -0, -1, 1, 1.5, 2 ** 31 - 1, 2 ** 31, -(2 ** 53), 1e20, 1e308]
const nested = (depth: number): unknown => JSON.parse(`${'['.repeat(depth)}${']'.repeat(depth)}`)
const json = fc.oneof(
  fc.jsonValue({ maxDepth: 4 }),
  fc.constantFrom(nested(50), nested(1_000), JSON.parse('{"__proto__":{"a":1},"constructor":"b"}'), { a: '\0' }, [[], {}, null]),
)
const anything = fc.oneof(
  fc.constantFrom(...texts),
  fc.constantFrom(...numbers),
  fc.boolean(),
  fc.constant(null),
  fc.constant([]),
  fc.constant({}),
  json,
)

/** Mostly values of the type, and now and then anything at all. */
const valueOf = (type: GraphQLInputType): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 5, arbitrary: fitting(type) }, { weight: 1, arbitrary: anything })

function fitting(type: GraphQLInputType): fc.Arbitrary<unknown> {
  if (isNonNullType(type)) return fitting(type.ofType as GraphQLInputType)
  if (isListType(type)) return fc.array(fitting(type.ofType as GraphQLInputType), { maxLength: 5 })
  const named = getNamedType(type)
  if (isEnumType(named)) return fc.constantFrom(...named.getValues().map(({ name }) => name))
  if (named.name === 'Int' || named.name === 'Float') return fc.constantFrom(...numbers)
  if (named.name === 'Boolean') return fc.boolean()
  if (named.name === 'JSON') return json
  return fc.oneof(fc.constantFrom(...texts), fc.string({ unit: 'binary', maxLength: 40 }))
}

const variablesOf = (args: readonly GraphQLArgument[]): fc.Arbitrary<Record<string, unknown>> =>
  fc.record(Object.fromEntries(args.map(({ name, type }) => [name, valueOf(type)])), { requiredKeys: [] })

/** Streams go on until the caller leaves; the fuzz of their events is that of what they are made of. */
const fields = allOperations
  .filter(({ kind, name }) => kind !== 'stream' && !exposed.get(name)!.startsWith('Agent.'))
  .map((operation) => {
    const [root, field] = exposed.get(operation.name)!.split('.') as [string, string]
    const type = root === 'Query' ? schema.getQueryType()! : schema.getMutationType()!
    return { query: documentOf(operation), args: type.getFields()[field]!.args }
  })

/** A call of any operation with any values, its document now and then broken. */
const request = fc.constantFrom(...fields).chain(({ query, args }) =>
  fc.record({
    query: fc.oneof(
      { weight: 8, arbitrary: fc.constant(query) },
      { weight: 1, arbitrary: fc.nat(query.length).map((end) => query.slice(0, end)) },
      {
        weight: 1,
        arbitrary: fc
          .tuple(fc.nat(query.length), fc.string({ maxLength: 8 }))
          .map(([at, text]) => query.slice(0, at) + text + query.slice(at)),
      },
      { weight: 1, arbitrary: fc.constant(query.replaceAll(/\$(\w+): [\w![\]]+/g, '$$$1: JSON')) },
    ),
    variables: fc.oneof({ weight: 9, arbitrary: variablesOf(args) }, { weight: 1, arbitrary: anything }),
  }),
)

test('no call of any operation, with whatever values, is a fault of the server', async () => {
  const requests = fc.sample(request, { seed: SEED, numRuns: REQUESTS })
  await server.underWatch({ maxGrowthMb: 400 }, async () => {
    for (let start = 0; start < requests.length; start += AT_ONCE) {
      await Promise.all(
        requests.slice(start, start + AT_ONCE).map(async (body) => {
          const sent = JSON.parse(JSON.stringify(body).replaceAll(AGENT, agentId)) as unknown
          const answer = await server.call('POST', '/graphql', { key, body: sent })
          const what = JSON.stringify({ sent, answer }).slice(0, 3_000)
          expect(answer.status, what).not.toBe(500)
          expect(JSON.stringify(answer.body), what).not.toContain('INTERNAL_ERROR')
        }),
      )
    }
  })
})
