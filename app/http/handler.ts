import findMyWay from 'find-my-way'
import { randomBytes } from 'node:crypto'
import { requestIdFrom } from '#server/identity/auth/authenticate.ts'
import type { Platform } from '#server/platform/core/context.ts'
import { ServerStopping, toAppError } from '#server/platform/core/errors.ts'
import { countRequest } from '#server/platform/core/telemetry.ts'
import { writeRetryAfter } from './call-context.server.ts'
import { corsHeaders, isPreflight } from './cors.ts'
import { BodyTooLarge, limitBody } from './body-limit.ts'
import { isSafe } from './call-context.server.ts'
import { OpenCalls } from './open-calls.ts'
import type { RequestContext } from './request-context.ts'
import { isForm } from './form.server.ts'
import type { RestHandler } from './rest.server.ts'
import { addSecurityHeaders } from './security-headers.ts'
import { unknownPath } from './unknown-path.server.ts'

type RouteHandler = (args: {
  request: Request
  params: Record<string, string | undefined>
  context: RequestContext
}) => Promise<Response> | Response

/** A route that answers by itself, without a page around it. */
export interface ResourceRoute {
  /** As in `/api/agents/:id`; a last `*` takes the rest of the path. */
  path: string
  module: { loader?: unknown; action?: unknown }
}

/** What is known of the connection a request came over. */
export interface Connection {
  remoteAddress: string
  /** Aborted when the client goes away. */
  signal: AbortSignal
}

export type Handler = (request: Request, connection: Connection) => Promise<Response>

/**
 * The whole HTTP surface as a function. Resource routes are found by a router of their own and called
 * directly; everything else is a page, which `renderPage` finds by its own, much slower matching.
 */
export function createHandler(
  platform: Platform,
  routes: ResourceRoute[],
  renderPage: (request: Request, context: RequestContext) => Promise<Response>,
): Handler {
  const router = findMyWay({ ignoreTrailingSlash: true, ignoreDuplicateSlashes: true, maxParamLength: 1000 })
  for (const route of routes) router.on('GET', route.path, noop, route)
  const openCalls = new OpenCalls(platform)

  return async (request, connection) => {
    const requestId = requestIdFrom(request.headers.get('x-request-id'))
    const context: RequestContext = {
      platform,
      requestId,
      ip: addressOf(platform, request, connection),
      signal: connection.signal,
      startedAt: performance.now(),
      nonce: '',
      route: 'none',
    }
    const origin = request.headers.get('origin')
    const cors = origin ? corsHeaders(platform.env, origin) : undefined
    const response =
      isPreflight(request) && !answersPreflights(request)
        ? new Response(null, { status: 204 })
        : await openCalls.run(() => answer(request, context)).catch((error: unknown) => failure(error, request, context))
    const { headers } = response
    headers.set('x-request-id', requestId)
    if (cors) for (const [name, value] of Object.entries(cors)) headers.set(name, value)
    addSecurityHeaders(headers, platform.env, context.nonce)
    countRequest(request.method, context.route, response.status, performance.now() - context.startedAt)
    return response
  }

  /** Whether the route has more to say to a preflight than what goes for all of them. */
  function answersPreflights({ url }: Request): boolean {
    const { loader } = (router.find('GET', pathOf(url))?.store as ResourceRoute | undefined)?.module ?? {}
    return typeof loader === 'function' && 'preflight' in loader && loader.preflight !== undefined
  }

  async function answer(original: Request, context: RequestContext): Promise<Response> {
    const path = pathOf(original.url)
    const match = router.find('GET', path)
    const route = match?.store as ResourceRoute | undefined
    if (route && isForm(original) && takesForms(route, original.method)) return await answerAt(route, match!.params, original, context)
    const { request, isTooLarge } = limitBody(original)
    const response = await (route ? answerAt(route, match!.params, request, context) : answerUnrouted(path, request, context))
    if (isTooLarge()) throw new BodyTooLarge()
    return response
  }

  function answerUnrouted(path: string, request: Request, context: RequestContext): Promise<Response> {
    // A path the router cannot even decode.
    if (path.startsWith('/api/')) return unknownPath({ request, context })
    context.nonce = randomBytes(16).toString('base64')
    context.route = 'page'
    return renderPage(request, context)
  }
}

function answerAt(
  { path, module }: ResourceRoute,
  params: Record<string, string | undefined>,
  request: Request,
  context: RequestContext,
): Response | Promise<Response> {
  context.route = path
  const handle = (isSafe(request.method) ? module.loader : module.action) as RouteHandler
  const response = handle({ request, params, context })
  return request.method === 'HEAD' ? withoutBody(response) : response
}

const withoutBody = async (response: Response | Promise<Response>): Promise<Response> => new Response(null, await response)

const noop = () => undefined

/** Whether the method at this route reads forms, which have limits of their own. */
const takesForms = ({ module: { action } }: ResourceRoute, method: string): boolean =>
  typeof action === 'function' && 'formMethods' in action && (action as RestHandler).formMethods.has(method)

function pathOf(url: string): string {
  const start = url.indexOf('/', 8)
  const end = url.indexOf('?', start)
  return start < 0 ? '/' : url.slice(start, end < 0 ? undefined : end)
}

/** Behind a proxy the last address in the header is the one the proxy itself saw; earlier ones can be made up. */
function addressOf({ env }: Platform, request: Request, { remoteAddress }: Connection): string {
  if (!env.TRUST_PROXY) return remoteAddress
  return request.headers.get('x-forwarded-for')?.split(',').at(-1)?.trim() || remoteAddress
}

function failure(error: unknown, request: Request, { platform, requestId, signal }: RequestContext): Response {
  const known = toAppError(error)
  if (known instanceof ServerStopping && isSubscription(request)) return endedStream()
  // Who has gone away is no failure of ours, and reads no answer.
  if (known.kind === 'internal' && !signal.aborted) platform.log.error({ err: error, requestId }, 'a request failed')
  const headers = new Headers()
  writeRetryAfter(headers, known)
  if (known instanceof ServerStopping) headers.set('connection', 'close')
  return Response.json(known.toBody(), { status: known.status, headers })
}

const isSubscription = ({ url, headers }: Request): boolean =>
  pathOf(url).startsWith('/trpc/') && headers.get('accept') === 'text/event-stream'

/** An EventSource connects again after a stream that ended, but never after another answer, whatever its status. */
const endedStream = (): Response =>
  new Response('retry: 1000\n\n', { headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-store', connection: 'close' } })
