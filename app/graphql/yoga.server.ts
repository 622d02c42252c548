import { useGraphQlJit } from '@envelop/graphql-jit'
import { AsyncLocalStorage } from 'node:async_hooks'
import { GraphQLError, Kind, OperationTypeNode, type ExecutionArgs } from 'graphql'
import { createYoga, type Plugin } from 'graphql-yoga'
import type { GraphqlContext } from '#schema/builder.ts'
import { schema } from '#schema/index.ts'
import { createLoaders } from '#schema/loaders.ts'
import {
  type Context,
  type Platform,
  errorKinds,
  InternalError,
  InvalidInput,
  toAppError,
  type AppError,
  type RateLimitState,
} from '#server/platform/core/index.ts'
import { inOrderOfWeight, prefers, weightOf } from '#server/platform/operations/index.ts'
import { callContext, writeRateLimit, writeReply, writeRetryAfter } from '../http/call-context.server.ts'
import { asGet } from '../http/methods.ts'
import type { RequestContext } from '../http/request-context.ts'
import { UnsupportedMediaType } from '../http/rest.server.ts'
import { createDocumentCache, noCache } from './document-cache.ts'
import { servePlayground } from './playground.server.ts'
import { persistQueries } from './persisted-queries.ts'
import { checkVariables, inputError, limitAnswers, limitDocuments, limitErrors, setStatusOfRefusals } from './plugins.ts'

interface RequestState {
  context: RequestContext
  call: Context
  isHead: boolean
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
  graphiql: false,
  // No field takes a file.
  multipart: false,
  // Bodies have been held to a limit before, and Yoga would read them another way.
  maxRequestBodySize: false,
  parserAndValidationCache: { documentCache: createDocumentCache(), errorCache: noCache },
  plugins: [
    explainUnreadable(),
    persistQueries(),
    limitDocuments(),
    checkVariables(),
    refuseStreamsToHead(),
    useGraphQlJit({}, { enableIf: isCompiled }),
    limitAnswers(),
    mapStreamErrors(),
    limitErrors(),
    setStatusOfRefusals(),
  ],
  context: ({ state: { call } }) => ({ call, loaders: createLoaders(call) }),
  maskedErrors: { maskError: (error) => maskError(error) },
})

/**
 * The compiler hands a subscription the variables instead of its arguments, and of a document with several operations
 * it keeps the one that was asked for first. Those run uncompiled.
 */
function isCompiled({ document }: ExecutionArgs): boolean {
  const operations = document.definitions.filter((definition) => definition.kind === Kind.OPERATION_DEFINITION)
  return operations.length === 1 && operations[0]!.operation !== OperationTypeNode.SUBSCRIPTION
}

/** What is wrong with a body that cannot be read, or with JSON in a URL, Yoga does not say, or takes for a fault of its own. */
function explainUnreadable(): Plugin<GraphqlContext, ServerContext> {
  return {
    onRequestParse: ({ request, requestParser, setRequestParser, serverContext: { state } }) => {
      if (!requestParser && request.method === 'POST') throw new UnsupportedMediaType(request.headers.get('content-type'))
      if (!requestParser) return
      setRequestParser(async (parsed) => {
        try {
          return await requestParser(parsed)
        } catch (error) {
          throw state.context.bodyProblem ?? (error instanceof SyntaxError ? new UnreadableJson() : error)
        }
      })
    },
  }
}

class UnreadableJson extends InvalidInput {
  constructor() {
    super([{ field: '', message: 'variables and extensions: expected valid JSON' }])
  }
}

/** A stream does something as soon as it begins, and nobody would read what. */
function refuseStreamsToHead(): Plugin<GraphqlContext> {
  return {
    onSubscribe({ setResultAndStopExecution }) {
      const error = new GraphQLError('HEAD begins no stream.', { extensions: { code: 'METHOD_NOT_ALLOWED', status: 405 } })
      if (states.getStore()?.isHead) setResultAndStopExecution({ errors: [error] })
    },
  }
}

/** What fails while events are read fails outside of the request, where `states` knows nothing; the call of the stream does. */
function mapStreamErrors(): Plugin<GraphqlContext> {
  return {
    onSubscribe: ({ args: { contextValue } }) => ({
      onSubscribeError: ({ error, setError }) => setError(present(error, contextValue.call)),
    }),
  }
}

/**
 * Queries and mutations as JSON, subscriptions as server-sent events, the playground to browsers. Every request
 * counts for the address it came from, and it is known who calls, before any of the body is read.
 */
export async function serveGraphql({ request: given, context }: { request: Request; context: RequestContext }): Promise<Response> {
  const isHead = given.method === 'HEAD'
  const request = isHead ? asGet(given) : given
  let rateLimit: RateLimitState | undefined
  let call: Context
  try {
    rateLimit = await context.platform.rateLimits.count('graphql', { callerId: null, ip: context.ip })
    if (isForPeople(request)) return withRateLimit(await servePlayground(), rateLimit)
    call = await callContext(request, context)
  } catch (error) {
    return refuse(request, error, context, rateLimit)
  }
  const state: RequestState = { context, call, isHead }
  orderAccept(request.headers)
  const response = withRateLimit(await states.run(state, () => yoga.fetch(request, { state })), rateLimit)
  // What was called has buckets of its own, which say more.
  writeReply(response.headers, call)
  if (state.retryAfter) writeRetryAfter(response.headers, state.retryAfter)
  // Read to its end, which it has: Yoga breaks when events are cancelled before the first was read.
  if (isHead) await response.arrayBuffer()
  return isHead ? new Response(null, response) : response
}

/** Whether a browser wants a page to look at. */
const isForPeople = ({ method, headers }: Request): boolean => method === 'GET' && prefers(headers.get('accept'), 'text/html')

const EVENTS = 'text/event-stream'
const JSON_TYPES = ['application/graphql-response+json', 'application/json']

/** Yoga knows no weights: it takes what comes first, and JSON wherever that is acceptable at all. */
function orderAccept(headers: Headers): void {
  const accept = headers.get('accept')
  if (!accept) return
  const wantsEvents = JSON_TYPES.every((type) => weightOf(accept, EVENTS) > weightOf(accept, type))
  headers.set('accept', wantsEvents ? EVENTS : inOrderOfWeight(accept).join(', '))
}

function withRateLimit({ body, status, headers: given }: Response, rateLimit: RateLimitState): Response {
  const headers = new Headers(given)
  writeRateLimit(headers, rateLimit)
  return new Response(body, { status, headers })
}

/** A call that is over before its query is known. */
function refuse(
  request: Request,
  error: unknown,
  { platform, requestId }: RequestContext,
  rateLimit: RateLimitState | undefined,
): Response {
  const known = toAppError(error)
  const result = JSON.stringify({ errors: [toGraphqlError(known, platform, requestId)] })
  const wantsEvents = prefers(request.headers.get('accept'), EVENTS)
  const headers = new Headers({ 'content-type': wantsEvents ? 'text/event-stream' : 'application/json' })
  if (rateLimit) writeRateLimit(headers, rateLimit)
  writeRetryAfter(headers, known)
  return new Response(wantsEvents ? `event: next\ndata: ${result}\n\nevent: complete\ndata:\n\n` : result, {
    status: known.status,
    headers,
  })
}

function maskError(error: unknown): Error {
  const store = states.getStore()
  if (store) return present(error, store.context)
  // `mapStreamErrors` has seen to errors of streams before.
  return error instanceof GraphQLError && !error.originalError ? error : new GraphQLError(new InternalError(error).message)
}

/** An error as the caller sees it. What GraphQL itself says of a query (syntax, types, limits) is for the caller as it is. */
function present(error: unknown, { platform, requestId }: Pick<Context, 'platform' | 'requestId'>): GraphQLError {
  const located = error instanceof GraphQLError ? error : undefined
  const original = located ? located.originalError : error
  if (located && !original) return inputError(located)
  if (original instanceof GraphQLError) return inputError(original)
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
