import { useGraphQlJit } from '@envelop/graphql-jit'
import { AsyncLocalStorage } from 'node:async_hooks'
import { getOperationAST, GraphQLError, type ExecutionArgs } from 'graphql'
import { createYoga, type Plugin } from 'graphql-yoga'
import type { GraphqlContext } from '#schema/builder.ts'
import { schema } from '#schema/index.ts'
import { createLoaders } from '#schema/loaders.ts'
import type { Context, Platform } from '#server/core/context.ts'
import { errorKinds, InternalError, MAX_PROBLEMS, toAppError, type AppError } from '#server/core/errors.ts'
import { callContext, writeReply, writeRetryAfter } from '../http/call-context.server.ts'
import type { RequestContext } from '../http/request-context.ts'

interface RequestState {
  context: RequestContext
  call: Context
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
  plugins: [useGraphQlJit({}, { enableIf: (args) => !isSubscription(args) }), mapStreamErrors(), limitErrors()],
  context: ({ state: { call } }) => ({ call, loaders: createLoaders(call) }),
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

/** One query can be wrong in as many ways as it has variables. */
function limitErrors(): Plugin<GraphqlContext> {
  return {
    onResultProcess({ result, setResult }) {
      if (!('errors' in result) || !result.errors || result.errors.length <= MAX_PROBLEMS) return
      const moreProblems = result.errors.length - MAX_PROBLEMS
      setResult({ ...result, errors: result.errors.slice(0, MAX_PROBLEMS), extensions: { ...result.extensions, moreProblems } })
    },
  }
}

/** Queries and mutations as JSON, subscriptions as server-sent events, the playground to browsers. Who calls is known before the body is read. */
export async function serveGraphql({ request, context }: { request: Request; context: RequestContext }): Promise<Response> {
  let call: Context
  try {
    call = await callContext(request, context)
  } catch (error) {
    return refuse(request, toGraphqlError(error, context.platform, context.requestId))
  }
  const state: RequestState = { context, call }
  const response = await states.run(state, () => yoga.fetch(request, { state }))
  const headers = new Headers(response.headers)
  writeReply(headers, call)
  if (state.retryAfter) writeRetryAfter(headers, state.retryAfter)
  return new Response(response.body, { status: response.status, headers })
}

/** A call that is over before its query is known. */
function refuse(request: Request, error: GraphQLError): Response {
  const result = JSON.stringify({ errors: [error] })
  const { status, retryAfterSeconds } = error.extensions as { status: number; retryAfterSeconds?: number }
  const headers = new Headers(retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) })
  const wantsEvents = request.headers.get('accept')?.includes('text/event-stream') === true
  headers.set('content-type', wantsEvents ? 'text/event-stream' : 'application/json')
  return new Response(wantsEvents ? `event: next\ndata: ${result}\n\nevent: complete\ndata:\n\n` : result, { status, headers })
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
