import { createHash, timingSafeEqual } from 'node:crypto'
import {
  hasAccount,
  hasScope,
  isOperator,
  type Context,
  AppError,
  Forbidden,
  Unauthenticated,
  renderTelemetry,
  telemetryContentType,
} from '#server/platform/core/index.ts'
import { callContext } from './call-context.server.ts'
import type { RequestContext } from './request-context.ts'
import { errorResponse } from './rest.server.ts'

/** The figures of this process for Prometheus. They are the operator's: an admin may read them, and whoever has METRICS_TOKEN. */
export async function serveTelemetry({ request, context }: { request: Request; context: RequestContext }): Promise<Response> {
  let ctx: Context | undefined
  try {
    if (request.method !== 'GET' && request.method !== 'HEAD') throw new MethodNotAllowed()
    if (!hasToken(request, context.platform.env.METRICS_TOKEN)) requireOperator((ctx = await callContext(request, context)))
    return new Response(await renderTelemetry(), { headers: { 'content-type': telemetryContentType, 'cache-control': 'no-store' } })
  } catch (error) {
    return errorResponse(error, ctx, context)
  }
}

class MethodNotAllowed extends AppError {
  constructor() {
    super('method_not_allowed', 'METHOD_NOT_ALLOWED', 'Metrics can only be read, with GET.')
  }
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

function hasToken(request: Request, token: string | undefined): boolean {
  const [scheme, sent] = request.headers.get('authorization')?.split(/\s+/, 2) ?? []
  return token !== undefined && scheme?.toLowerCase() === 'bearer' && sent !== undefined && timingSafeEqual(digest(sent), digest(token))
}

/** @throws Unauthenticated, Forbidden */
function requireOperator(ctx: Context): void {
  if (!hasAccount(ctx)) throw new Unauthenticated('Sign in as an admin, or send METRICS_TOKEN.')
  const { actor } = ctx
  if (!isOperator(actor) || !hasScope(actor, 'account:read'))
    throw new Forbidden('ADMIN_REQUIRED', 'These metrics are for the operator of the server.')
}
