import { authenticate, withHostCookies } from '#server/identity/auth/index.ts'
import { type Context, type AppError, RateLimitExceeded, type RateLimitState } from '#server/platform/core/index.ts'
import type { RequestContext } from './request-context.ts'

/** The context of a call that came in as this request, for every transport. */
export async function callContext(
  request: Request,
  context: RequestContext,
  {
    isForAnybody = false,
    isSafeMethod = isSafe(request.method),
    workspace = workspaceOf(request),
  }: { isForAnybody?: boolean; isSafeMethod?: boolean; workspace?: string | null } = {},
): Promise<Context> {
  const { platform, requestId, ip, signal, startedAt } = context
  context.call = await authenticate(platform, {
    isSafeMethod,
    header: isForAnybody ? () => null : (name) => request.headers.get(name),
    workspace: isForAnybody ? null : workspace,
    ip,
    requestId,
    signal,
    startedAt,
  })
  return context.call
}

/** The workspace a call names; in its address where a client, such as an EventSource, sends no headers. */
const workspaceOf = (request: Request): string | null =>
  request.headers.get('x-agentbot-workspace') ?? new URL(request.url).searchParams.get('workspace')

/** Methods that must not change anything. */
export const isSafe = (method: string): boolean => method === 'GET' || method === 'HEAD' || method === 'OPTIONS'

/** Writes what the operation wanted to add to the answer into its headers. */
export function writeReply(headers: Headers, { platform, reply }: Context): void {
  for (const cookie of withHostCookies(platform.env, reply.cookies)) headers.append('set-cookie', cookie)
  for (const [name, value] of Object.entries(reply.headers)) headers.set(name, value)
  if (reply.rateLimit) writeRateLimit(headers, reply.rateLimit)
}

/** Says how much is left of a limit. */
export function writeRateLimit(headers: Headers, { limit, remaining, resetSeconds }: RateLimitState): void {
  headers.set('ratelimit-limit', String(limit))
  headers.set('ratelimit-remaining', String(remaining))
  headers.set('ratelimit-reset', String(resetSeconds))
}

/** Says when a call that failed is worth another try, and which limit it met, if the failure knows. */
export function writeRetryAfter(headers: Headers, error: AppError): void {
  const { retryAfterSeconds, resetsAt } = error.details
  // What is used up until a window ends is not there a moment later: clients of models would ask again and again.
  if (resetsAt !== undefined) headers.set('x-should-retry', 'false')
  if (typeof retryAfterSeconds === 'number') headers.set('retry-after', String(retryAfterSeconds))
  if (error instanceof RateLimitExceeded) writeRateLimit(headers, error.state)
}
