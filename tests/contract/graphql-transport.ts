import { getNamedType, isEnumType, isObjectType, isUnionType, type GraphQLNamedType, type GraphQLObjectType } from 'graphql'
import { schema } from '../../schema/index.ts'
import { exposed } from '../../schema/expose.ts'
import type { Operation } from '../../server/platform/operations/operation.ts'
import type { Caller, TestServer } from '../helpers/test-server.ts'
import type { Outcome } from './transports.ts'
import { readAnswer } from './read-answer.ts'

interface GraphqlError {
  message: string
  extensions: { code: string; status: number; requestId: string; [detail: string]: unknown }
}

/** Fields that are not root fields, and the document that reaches them. */
const nested: Record<string, { document: string; variables: (input: Record<string, unknown>) => Record<string, unknown> }> = {
  'Agent.messages': {
    document:
      'query ($agentId: ID!) { agent(agentId: $agentId) { messages(first: 5) { edges { cursor node { id content topic } } totalCount } } }',
    variables: ({ agentIds }) => ({ agentId: (agentIds as string[])[0] }),
  },
}

const rootTypes = { Query: schema.getQueryType()!, Mutation: schema.getMutationType()!, Subscription: schema.getSubscriptionType()! }

/** The root field of an operation, by its name. */
function fieldOf(name: string) {
  const [root, field] = exposed.get(name)!.split('.') as [keyof typeof rootTypes, string]
  return rootTypes[root].getFields()[field]!
}

/** A document that calls an operation's field and selects everything that needs no arguments. */
export function documentOf({ name }: Operation): string {
  const place = exposed.get(name)!
  if (nested[place]) return nested[place].document
  const [root, field] = place.split('.') as [keyof typeof rootTypes, string]
  const { args, type } = fieldOf(name)
  const declared = args.map((arg) => `$${arg.name}: ${arg.type}`).join(', ')
  const passed = args.map((arg) => `${arg.name}: $${arg.name}`).join(', ')
  return `${root.toLowerCase()}${declared && ` (${declared})`} { ${field}${passed && `(${passed})`} ${selectionOf(getNamedType(type))} }`
}

function selectionOf(type: GraphQLNamedType): string {
  if (isUnionType(type))
    return `{ __typename ${type
      .getTypes()
      .map((member) => `... on ${member.name} ${selectionAs(member)}`)
      .join(' ')} }`
  if (!isObjectType(type)) return ''
  const fields = Object.values(type.getFields()).filter(({ args }) => args.length === 0)
  return `{ ${fields.map((field) => `${field.name} ${selectionOf(getNamedType(field.type))}`).join(' ')} }`
}

/** Members of a union may have fields of one name and different types, so each gets a name of its own. */
const selectionAs = (member: GraphQLObjectType): string =>
  `{ ${Object.values(member.getFields())
    .map((field) => `${member.name}_${field.name}: ${field.name} ${selectionOf(getNamedType(field.type))}`)
    .join(' ')} }`

/** The input of an operation, as its field takes it. */
export function variablesOf({ name }: Operation, input: Record<string, unknown>): Record<string, unknown> {
  const { variables } = nested[exposed.get(name)!] ?? {}
  if (variables) return variables(input)
  const types = new Map(fieldOf(name).args.map((arg) => [arg.name, getNamedType(arg.type)]))
  // A list of the other transports is a connection here.
  const { limit, ...others } = input
  const named = types.has('first') && limit !== undefined ? { ...others, first: limit } : input
  return Object.fromEntries(Object.entries(named).map(([field, value]) => [field, inNamesOf(types.get(field), value)]))
}

/** Names in GraphQL are words: `3h` is called _3h, and `agents:read` agents_read. A value that has no name stays as it is. */
function inNamesOf(type: GraphQLNamedType | undefined, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => inNamesOf(type, item))
  return isEnumType(type) ? (type.getValues().find((known) => known.value === value)?.name ?? value) : value
}

/** Calls an operation over GraphQL. */
export async function callGraphql(
  server: TestServer,
  operation: Operation,
  input: Record<string, unknown>,
  { key, cookie, headers }: Caller & { headers?: Record<string, string> },
): Promise<Outcome> {
  const isStream = operation.kind === 'stream'
  const response = await fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: {
      ...(key ? { authorization: `Bearer ${key}` } : {}),
      ...(cookie ? { cookie } : {}),
      'content-type': 'application/json',
      ...(isStream ? { accept: 'text/event-stream' } : {}),
      ...headers,
    },
    body: JSON.stringify({ query: documentOf(operation), variables: variablesOf(operation, input) }),
  })
  const text = await readAnswer(response, operation)
  const [error] = isStream ? eventsOf(text).flatMap(({ errors = [] }) => errors) : ((JSON.parse(text).errors ?? []) as GraphqlError[])
  if (!error) return { status: response.status, text, headers: response.headers }
  const { code, status, requestId: _requestId, ...details } = error.extensions
  return { status, code, message: error.message, details, text, headers: response.headers }
}

const eventsOf = (text: string): { errors?: GraphqlError[] }[] =>
  [...text.matchAll(/^data: (\{.*\})$/gm)].map(([, json]) => JSON.parse(json!) as { errors?: GraphqlError[] })
