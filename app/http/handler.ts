import findMyWay from 'find-my-way'
import { randomBytes } from 'node:crypto'
import { requestIdFrom } from '#server/identity/auth/index.ts'
import { type Platform, countRequest } from '#server/platform/core/index.ts'
import { corsHeaders, isPreflight } from './cors.ts'
import { checkAddress } from './address-check.ts'
import { isSafe } from './call-context.server.ts'
import { HeldBodies, type HeldBody } from './held-bodies.ts'
import { OpenCalls } from './open-calls.ts'
import type { RequestContext } from './request-context.ts'
import { isForm } from './form.server.ts'
import { compress } from './compression.ts'
import { countRefusal, failure } from './refusals.ts'
import { MAX_MODEL_BODY_BYTES, refuseEncoding, withCheckedBody } from './request-body.ts'
import type { RestHandler } from './rest.server.ts'
import { addSecurityHeaders } from './security-headers.ts'
import { surfaceOf } from './surfaces.ts'
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
  /** Calls back once the answer is out, or the client is gone. */
  onEnd(listener: () => void): void
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
  const heldBodies = new HeldBodies(MAX_MODEL_BODY_BYTES)

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
      surface: surfaceOf(pathOf(request.url)),
    }
    const held = heldBodies.open()
    connection.onEnd(() => held.release())
    const origin = request.headers.get('origin')
    const cors = origin ? corsHeaders(platform.env, request, origin) : undefined
    const response =
      isPreflight(request) && !answersPreflights(request)
        ? new Response(null, { status: 204 })
        : await countRefusal(
            await openCalls.run(() => answer(request, context, held)).catch((error: unknown) => failure(error, request, context)),
            request,
            context,
          )
    const { headers } = response
    headers.set('x-request-id', requestId)
    if (cors) for (const [name, value] of Object.entries(cors)) headers[name === 'vary' ? 'append' : 'set'](name, value)
    addSecurityHeaders(headers, platform.env, context.nonce)
    countRequest(request.method, context.route, response.status, performance.now() - context.startedAt)
    return compress(request, response)
  }

  /** Whether the route has more to say to a preflight than what goes for all of them. */
  function answersPreflights({ url }: Request): boolean {
    const { loader } = (router.find('GET', pathOf(url))?.store as ResourceRoute | undefined)?.module ?? {}
    return typeof loader === 'function' && 'preflight' in loader && loader.preflight !== undefined
  }

  async function answer(original: Request, context: RequestContext, held: HeldBody): Promise<Response> {
    checkAddress(original.url)
    const path = pathOf(original.url)
    const match = router.find('GET', path)
    const route = match?.store as ResourceRoute | undefined
    if (route && isForm(original) && takesForms(route, original.method)) {
      refuseEncoding(original)
      return answerAt(route, match!.params, original, context)
    }
    const request = withCheckedBody(original, context, held)
    return route ? answerAt(route, match!.params, request, context) : answerUnrouted(request, context)
  }

  function answerUnrouted(request: Request, context: RequestContext): Promise<Response> {
    // A path the router cannot even decode, or that names a whole part of the API.
    if (context.surface.name !== 'page') return unknownPath({ request, context })
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

async function withoutBody(response: Response | Promise<Response>): Promise<Response> {
  const answer = await response
  // Nobody will read it: a stream ends, and what it holds on to is let go.
  await answer.body?.cancel()
  return new Response(null, answer)
}

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
