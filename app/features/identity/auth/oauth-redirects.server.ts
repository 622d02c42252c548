import { bindingCookieName } from '#server/identity/oauth/oauth.contract.ts'
import { operations } from '#server/operations.ts'
import { type AppError, type Context, toAppError } from '#server/platform/core/index.ts'
import { execute } from '#server/platform/operations/index.ts'
import { nextPath } from './next-path.ts'
import { callContext, writeReply } from '../../../http/call-context.server.ts'
import { errorResponse, MethodNotAllowed } from '../../../http/rest.server.ts'
import type { RequestContext } from '../../../http/request-context.ts'

// Browsers follow links to sign in elsewhere, and come back by one. What the links change is guarded by the cookie that
// ties the two together, which a page of another site cannot make.

const METHODS = 'GET, OPTIONS'

interface RedirectArgs {
  request: Request
  params: Record<string, string | undefined>
  context: RequestContext
}

/** Sends the browser to the provider. */
export async function redirectToProvider({ request, params, context }: RedirectArgs): Promise<Response> {
  const query = new URL(request.url).searchParams
  const next = query.get('next')
  const referralCode = query.get('ref')
  const input = { provider: params.provider, ...(next ? { next } : {}), ...(referralCode ? { referralCode } : {}) }
  return redirect(request, context, async (ctx) => (await execute(operations.oauth.start, ctx, input)).url)
}

/** Takes the browser back from the provider, and on to the page it was meant for. */
export async function redirectFromProvider({ request, params, context }: RedirectArgs): Promise<Response> {
  const input = {
    provider: params.provider,
    query: new URL(request.url).search.slice(1),
    binding: readCookie(request, bindingCookieName(context.platform.env.APP_URL)),
  }
  return redirect(request, context, async (ctx) => {
    const { next, ticket } = await execute(operations.oauth.finish, ctx, input)
    // Behind the `#` the ticket is in no log.
    return ticket === null ? nextPath(next) : `/login/code?next=${encodeURIComponent(nextPath(next))}#${ticket}`
  })
}

async function redirect(request: Request, context: RequestContext, target: (ctx: Context) => Promise<string>): Promise<Response> {
  if (request.method === 'OPTIONS') return new Response(null, { status: 204, headers: { allow: METHODS } })
  if (request.method !== 'GET') return errorResponse(new MethodNotAllowed(request.method, METHODS), undefined, context, { allow: METHODS })
  const headers = new Headers({ 'cache-control': 'no-store' })
  let ctx: Context | undefined
  try {
    ctx = await callContext(request, context)
    headers.set('location', await target({ ...ctx, isSafeMethod: false }))
  } catch (error) {
    headers.set('location', placeOf(toAppError(error), context, ctx))
  }
  if (ctx) writeReply(headers, ctx)
  return new Response(null, { status: 302, headers })
}

/** The page that says what went wrong. */
function placeOf(error: AppError, { platform, requestId }: RequestContext, ctx: Context | undefined): string {
  if (error.kind === 'internal') platform.log.error({ err: error.cause, requestId }, 'a sign-in elsewhere failed')
  return `${ctx?.actor.kind === 'session' ? '/settings' : '/login'}?problem=${error.code}`
}

function readCookie({ headers }: Request, name: string): string | null {
  const parts = headers.get('cookie')?.split(';') ?? []
  const found = parts.map((part) => part.trim()).find((part) => part.startsWith(`${name}=`))
  return found?.slice(name.length + 1) || null
}
