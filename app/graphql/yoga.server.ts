import { useGraphQlJit } from '@envelop/graphql-jit'
import { AsyncLocalStorage } from 'node:async_hooks'
import { getOperationAST, GraphQLError, type ExecutionArgs } from 'graphql'
import { createYoga, type Plugin } from 'graphql-yoga'
import type { GraphqlContext } from '#schema/builder.ts'
import { schema } from '#schema/index.ts'
import { createLoaders } from '#schema/loaders.ts'
import type { Context, Platform } from '#server/core/context.ts'
import { errorKinds, InternalError, toAppError, type AppError } from '#server/core/errors.ts'
import { callContext, writeReply, writeRetryAfter } from '../http/call-context.server.ts'
import type { RequestContext } from '../http/request-context.ts'

interface RequestState {
  context: RequestContext
  call?: Context
  /** The last failure that says when to try again. */
  retryAfter?: AppError
}

/** What Yoga is given with a request. It hands on a copy, so what is written down on the way is one level below. */
type ServerContext = { state: RequestState }

/** Which request an error belongs to: Yoga does not tell when it masks one. */
const states = new AsyncLocalStorage<RequestState>()

const yoga = createYoga<ServerContext, GraphqlContext>({
  schema,
  graphqlEndpoint: '/graphql',
  landingPage: false,
  cors: false,
  logging: false,
  // The whole playground comes from this server, so that it works without internet. It is large: loaded when first asked for.
  renderGraphiQL: async (options) => (await import('@graphql-yoga/render-graphiql')).renderGraphiQL(options),
  graphiql: {
    title: 'Agentbot GraphQL',
    defaultQuery: '{\n  me {\n    name\n    agents(first: 5) { id name status }\n  }\n}\n',
    credentials: 'same-origin',
  },
  plugins: [useGraphQlJit({}, { enableIf: (args) => !isSubscription(args) }), mapStreamErrors()],
  context: async ({ state, request }) => {
    try {
      state.call = await callContext(request, state.context)
    } catch (error) {
      throw toGraphqlError(error, state.context.platform, state.context.requestId)
    }
    return { call: state.call, loaders: createLoaders(state.call) }
  },
  maskedErrors: { maskError: (error) => maskError(error) },
})

/** The compiler hands a subscription the variables instead of its arguments, so those run uncompiled. */
const isSubscription = ({ document, operationName }: ExecutionArgs): boolean =>
  getOperationAST(document, operationName)?.operation === 'subscription'

/** What fails while events are read fails outside of the request, where `states` knows nothing; the call of the stream does. */
function mapStreamErrors(): Plugin<GraphqlContext> {
  return {
    onSubscribe: ({ args: { contextValue } }) => ({
      onSubscribeError: ({ error, setError }) => setError(present(error, contextValue.call)),
    }),
  }
}

/** Queries and mutations as JSON, subscriptions as server-sent events, the playground to browsers. */
export async function serveGraphql({ request, context }: { request: Request; context: RequestContext }): Promise<Response> {
  const state: RequestState = { context }
  const response = await states.run(state, () => yoga.fetch(request, { state }))
  if (!state.call && !state.retryAfter) return response
  const headers = new Headers(response.headers)
  if (state.call) writeReply(headers, state.call)
  if (state.retryAfter) writeRetryAfter(headers, state.retryAfter)
  return new Response(response.body, { status: response.status, headers })
}

function maskError(error: unknown): Error {
  const store = states.getStore()
  if (store) return present(error, store.context)
  // `mapStreamErrors` has seen to errors of streams before.
  return error instanceof GraphQLError && !error.originalError ? error : new GraphQLError(new InternalError(error).message)
}

/** What is wrong with the query itself, with a code like every other error. */
function inputError(error: GraphQLError): GraphQLError {
  error.extensions.code ??= 'GRAPHQL_INVALID'
  error.extensions.status ??= errorKinds.invalid_input.status
  return error
}

/** An error as the caller sees it. What GraphQL itself says of a query (syntax, types, limits) is for the caller as it is. */
function present(error: unknown, { platform, requestId }: Pick<Context, 'platform' | 'requestId'>): GraphQLError {
  const located = error instanceof GraphQLError ? error : undefined
  const original = located ? located.originalError : error
  if (located && !original) return inputError(located)
  if (original instanceof GraphQLError) return original
  return toGraphqlError(original, platform, requestId, located)
}

function toGraphqlError(error: unknown, platform: Platform, requestId: string, at?: GraphQLError): GraphQLError {
  const known = toAppError(error)
  const state = states.getStore()
  if (state && 'retryAfterSeconds' in known.details) state.retryAfter = known
  if (known.kind === 'internal') platform.log.error({ err: known.cause, requestId }, 'a GraphQL call failed')
  return new GraphQLError(known.message, {
    ...(at ? { nodes: at.nodes, path: at.path } : {}),
    extensions: { ...known.details, code: known.code, status: errorKinds[known.kind].status, requestId },
  })
}
