import type { z } from 'zod'
import {
  execute,
  executeList,
  executeStream,
  type Mutation,
  type Operation,
  type PagedQuery,
  type Query,
  type Stream,
  type PageRequest,
} from '#server/platform/operations/index.ts'
import { builder, type GraphqlContext } from './builder.ts'
import { connectionOf, costOfPage, pageArguments } from './connections.ts'
import { argumentsOf, outputType, type Argument } from './zod-types.ts'

const describe = ({ summary, description }: { summary: string; description?: string }) =>
  description ? `${summary}. ${description}` : `${summary}.`

/** Fields by their name, and the operation each one is. */
type Fields<O> = Record<string, O>

/** Which operation each root field is, for the test that no operation lacks this transport. */
export const exposed = new Map<string, string>()

/** Offers queries as root fields; type, arguments, description and resolver come from the operation. A list that grows is a connection. */
export function exposeQueries(fields: Fields<Query>): void {
  for (const [name, operation] of Object.entries(fields)) {
    exposed.set(operation.name, `Query.${name}`)
    builder.queryField(name, (t) =>
      isPaged(operation)
        ? t.field({ ...listField(operation), args: { ...argsOf(t.arg, operation.pages), ...argsFrom(t.arg, pageArguments) } })
        : t.field({ ...fieldOf(operation), args: argsOf(t.arg, operation) }),
    )
  }
}

/**
 * Makes mutations of the root type of operations, by the names of their fields.
 *
 * @param narrowed Arguments that GraphQL has no type for, as what it takes of them.
 */
export function exposeMutations(fields: Fields<Mutation>, narrowed: Fields<Record<string, z.ZodType>> = {}): void {
  for (const [name, operation] of Object.entries(fields)) {
    exposed.set(operation.name, `Mutation.${name}`)
    const input = narrowed[name] ? (operation.input as z.ZodObject).extend(narrowed[name]) : operation.input
    builder.mutationField(name, (t) => t.field({ ...fieldOf(operation), args: argsOf(t.arg, { input }) }))
  }
}

/**
 * Root fields can be null, whatever the operation answers with: one that fails then leaves what the others did to
 * be seen, which of a mutation has happened.
 */
const fieldOf = (operation: Query | Mutation) => ({
  type: outputType(operation.output).type,
  nullable: true,
  description: describe(operation),
  resolve: (_root: unknown, args: object, { call }: GraphqlContext) => execute(operation, call, args) as never,
})

const isPaged = (query: Query): query is PagedQuery => query.pages !== undefined

const listField = (query: PagedQuery) => ({
  type: connectionOf(query.pages.node),
  nullable: true,
  description: describe(query),
  complexity: costOfPage(0),
  resolve: (_root: unknown, { first, after, ...args }: PageRequest, { call }: GraphqlContext) =>
    executeList(query, call, args, { first, after }),
})

/** Offers streams as subscriptions, one event at a time. */
export function exposeSubscriptions(fields: Fields<Stream>): void {
  for (const [name, operation] of Object.entries(fields)) {
    exposed.set(operation.name, `Subscription.${name}`)
    builder.subscriptionField(name, (t) =>
      t.field({
        ...outputType(operation.output),
        description: describe(operation),
        args: argsOf(t.arg, operation),
        subscribe: async (_root, args, { call }) => executeStream(operation, call, args),
        resolve: (event) => event as never,
      }),
    )
  }
}

/** Pothos has one argument builder per kind of field; what is asked of it here is the same. */
type ArgumentBuilder = (argument: Argument) => never

const argsFrom = (arg: unknown, named: Record<string, Omit<Argument, 'type'> & { type: unknown }>): Record<string, never> =>
  Object.fromEntries(Object.entries(named).map(([name, argument]) => [name, (arg as ArgumentBuilder)(argument as Argument)]))

/** Arguments that are left out are missing in what an operation gets, and those that are null are null. */
const argsOf = (arg: unknown, { input }: Pick<Operation, 'input'>): Record<string, never> =>
  argsFrom(arg, Object.fromEntries(argumentsOf(input)))
