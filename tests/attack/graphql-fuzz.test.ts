import fc from 'fast-check'
import {
  getNamedType,
  isEnumType,
  isListType,
  isNonNullType,
  isObjectType,
  isUnionType,
  type GraphQLArgument,
  type GraphQLInputType,
  type GraphQLObjectType,
  type GraphQLOutputType,
} from 'graphql'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { exposed } from '../../schema/expose.ts'
import { schema } from '../../schema/index.ts'
import { exampleIds } from '../../server/platform/operations/example-ids.ts'
import { documentOf, variablesOf } from '../contract/graphql-transport.ts'
import { allOperations } from '../contract/transports.ts'
import { startAttackedServer, type AttackedServer } from './attacked-server.ts'
import { credentials, fuzz, fuzzTimeout, hostile, spoiled, type FuzzedRequest } from './fuzz.ts'

let server: AttackedServer
beforeAll(async () => {
  server = await startAttackedServer({ RATE_LIMIT_SCALE: '100000', SELF_HOSTED_PLAN: 'network' })
})
afterAll(() => server.close())

/** Mostly values of the type, and now and then anything at all. */
const valueOf = (type: GraphQLInputType): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 5, arbitrary: fitting(type) }, { weight: 1, arbitrary: hostile })

function fitting(type: GraphQLInputType): fc.Arbitrary<unknown> {
  if (isNonNullType(type)) return fitting(type.ofType as GraphQLInputType)
  if (isListType(type)) return fc.array(fitting(type.ofType as GraphQLInputType), { maxLength: 5 })
  const named = getNamedType(type)
  if (isEnumType(named)) return fc.constantFrom(...named.getValues().map(({ name }) => name))
  if (named.name === 'Int') return fc.integer({ min: -10, max: 200 })
  if (named.name === 'Float') return fc.double({ noNaN: true, noDefaultInfinity: true })
  if (named.name === 'Boolean') return fc.boolean()
  if (named.name === 'JSON') return fc.jsonValue({ maxDepth: 4 })
  return fc.oneof(fc.constantFrom(exampleIds.agent, exampleIds.session, 'local/commands'), fc.string({ unit: 'binary', maxLength: 40 }))
}

const argumentsOf = (args: readonly GraphQLArgument[]): fc.Arbitrary<Record<string, unknown>> =>
  fc.record(Object.fromEntries(args.map(({ name, type }) => [name, valueOf(type)])), { requiredKeys: [] })

const rootTypes = { Query: schema.getQueryType()!, Mutation: schema.getMutationType()!, Subscription: schema.getSubscriptionType()! }

/** A document as it is, cut off, with something in it, or with variables of any type. */
const nearly = (query: string): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 9, arbitrary: fc.constant(query) },
    { weight: 1, arbitrary: fc.nat(query.length).map((end) => query.slice(0, end)) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(fc.nat(query.length), fc.string({ maxLength: 8 }))
        .map(([at, text]) => query.slice(0, at) + text + query.slice(at)),
    },
    { weight: 1, arbitrary: fc.constant(query.replaceAll(/\$(\w+): [\w![\]]+/g, '$$$1: JSON')) },
  )

const requestOf = (
  name: string,
  query: fc.Arbitrary<string>,
  variables: fc.Arbitrary<unknown>,
  accept = 'application/json',
): fc.Arbitrary<FuzzedRequest> =>
  fc.record({ query, variables, credential: credentials }).map(({ query, variables, credential }) => ({
    name,
    method: 'POST',
    path: '/graphql',
    credential,
    accept,
    body: JSON.stringify({ query, variables }),
  }))

/** Calls of each operation: its example with something wrong, or values of the types of its arguments. */
const ofOperations = allOperations.map((operation) => {
  const query = documentOf(operation)
  const [root, field] = exposed.get(operation.name)!.split('.') as [keyof typeof rootTypes, string]
  const args = rootTypes[root]?.getFields()[field]?.args ?? []
  const shown = variablesOf(operation, operation.example.input as Record<string, unknown>)
  const variables = fc.oneof(
    { weight: 4, arbitrary: spoiled(shown) },
    { weight: 1, arbitrary: fc.constant<unknown>(shown) },
    { weight: 4, arbitrary: argumentsOf(args) },
  )
  return requestOf(operation.name, nearly(query), variables, operation.kind === 'stream' ? 'text/event-stream' : undefined)
})

/** Picks one after the other, the same each time for the same number. */
const choicesOf = (seed: number) => {
  let state = seed
  return (count: number) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    return (state >>> 8) % count
  }
}

const MAX_SELECTED = 6
const MAX_LEVELS = 7

/** A selection of any fields of a type and of what they lead to, with arguments or without, under names of its own. */
function selection(type: GraphQLOutputType, choose: (count: number) => number, level = 0): string {
  const named = getNamedType(type)
  if (isUnionType(named)) {
    const members = named.getTypes()
    const member = members[choose(members.length)]!
    return `{ __typename ... on ${member.name} ${selection(member, choose, level + 1)} }`
  }
  if (!isObjectType(named)) return ''
  if (level >= MAX_LEVELS) return '{ __typename }'
  const fields = Object.values(named.getFields())
  const chosen = Array.from({ length: 1 + choose(MAX_SELECTED) }, (_unused, at) =>
    fieldText(fields[choose(fields.length)]!, choose, level, at),
  )
  return `{ __typename ${chosen.join(' ')} }`
}

type Field = ReturnType<GraphQLObjectType['getFields']>[string]

function fieldText({ name, args, type }: Field, choose: (count: number) => number, level: number, at: number): string {
  const given = args.flatMap((arg) => (isNonNullType(arg.type) || choose(3) > 0 ? [`${arg.name}: ${literal(arg.type, choose)}`] : []))
  const directive = choose(12) === 0 ? ` @${['skip', 'include'][choose(2)]}(if: ${['true', 'false'][choose(2)]})` : ''
  return `f${at}: ${name}${given.length > 0 ? `(${given.join(', ')})` : ''}${directive} ${selection(type, choose, level + 1)}`
}

/** A value as it is written in a document. */
function literal(type: GraphQLInputType, choose: (count: number) => number): string {
  if (isNonNullType(type)) return literal(type.ofType as GraphQLInputType, choose)
  if (isListType(type)) return `[${Array.from({ length: choose(3) }, () => literal(type.ofType as GraphQLInputType, choose)).join(', ')}]`
  const named = getNamedType(type)
  if (isEnumType(named)) return named.getValues()[choose(named.getValues().length)]!.name
  if (named.name === 'Int') return ['0', '1', '5', '100', '-1', '2147483647', '99999999999'][choose(7)]!
  if (named.name === 'Float') return ['0', '0.5', '-1', '1e308', '1e400'][choose(5)]!
  if (named.name === 'Boolean') return ['true', 'false'][choose(2)]!
  if (named.name === 'JSON') return ['{a: [1, {b: null}]}', '[]', '"text"', 'null', '{__proto__: 1}'][choose(5)]!
  return JSON.stringify([exampleIds.agent, exampleIds.session, '', 'local/commands', '\0', "' or 1=1 --", 'é'][choose(7)])
}

/** Documents nobody wrote, made of the schema alone. */
const ofSchema = (['Query', 'Query', 'Query', 'Mutation'] as const).map((root) =>
  requestOf(
    `a document of ${root}`,
    fc.nat().map((seed) => `${root.toLowerCase()} ${selection(rootTypes[root], choicesOf(seed))}`),
    fc.constant({}),
  ),
)

test(
  'no call of any operation, with whatever values, is a fault of the server',
  async () => {
    const faults = await fuzz(server, [...ofOperations, ...ofSchema], ({ status, text }) =>
      status < 500 ? !text.includes('INTERNAL_ERROR') : text.includes('"code"') && !text.includes('INTERNAL_ERROR'),
    )
    expect(faults).toEqual([])
  },
  fuzzTimeout,
)
