import { execute, executeStream, type Mutation, type Operation, type Query, type Stream } from '#server/platform/operations/index.ts'
import { builder, type GraphqlContext } from './builder.ts'
import { argumentsOf, outputType } from './zod-types.ts'

const describe = ({ summary, description }: { summary: string; description?: string }) =>
  description ? `${summary}. ${description}` : `${summary}.`

/** Fields by their name, and the operation each one is. */
type Fields<O> = Record<string, O>

/** Which operation each root field is, for the test that no operation lacks this transport. */
export const exposed = new Map<string, string>()

/** Offers queries as root fields; type, arguments, description and resolver come from the operation. */
export function exposeQueries(fields: Fields<Query>): void {
  for (const [name, operation] of Object.entries(fields)) {
    exposed.set(operation.name, `Query.${name}`)
    builder.queryField(name, (t) => t.field({ ...fieldOf(operation), args: argsOf(t.arg, operation) }))
  }
}

/** The same for mutations. */
export function exposeMutations(fields: Fields<Mutation>): void {
  for (const [name, operation] of Object.entries(fields)) {
    exposed.set(operation.name, `Mutation.${name}`)
    builder.mutationField(name, (t) => t.field({ ...fieldOf(operation), args: argsOf(t.arg, operation) }))
  }
}

const fieldOf = (operation: Query | Mutation) => ({
  ...outputType(operation.output),
  description: describe(operation),
  resolve: (_root: unknown, args: object, { call }: GraphqlContext) => execute(operation, call, withoutNulls(args)) as never,
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
        subscribe: async (_root, args, { call }) => executeStream(operation, call, withoutNulls(args)),
        resolve: (event) => event as never,
      }),
    )
  }
}

/** Pothos has one argument builder per kind of field; what is asked of it here is the same. */
type ArgumentBuilder = (argument: { type: never; required: boolean; description: string | undefined }) => never

const argsOf = (arg: unknown, { input }: Operation): Record<string, never> =>
  Object.fromEntries(argumentsOf(input).map(([name, argument]) => [name, (arg as ArgumentBuilder)(argument)]))

/** GraphQL sends null for what a caller left out explicitly; an operation knows only left out. */
const withoutNulls = (args: object): Record<string, unknown> =>
  Object.fromEntries(Object.entries(args).filter(([, value]) => value !== null))
