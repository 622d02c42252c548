import { authenticate } from '#server/identity/auth/authenticate.ts'
import type { Context } from '#server/platform/core/context.ts'
import type { AppError } from '#server/platform/core/errors.ts'
import type { RateLimitState } from '#server/platform/core/rate-limits.ts'
import type { RequestContext } from './request-context.ts'

/** The context of a call that came in as this request, for every door. */
export const callContext = (
  request: Request,
  { platform, requestId, ip, signal, startedAt }: RequestContext,
  { isForAnybody = false, isSafeMethod = isSafe(request.method) }: { isForAnybody?: boolean; isSafeMethod?: boolean } = {},
): Promise<Context> =>
  authenticate(platform, {
    isSafeMethod,
    header: isForAnybody ? () => null : (name) => request.headers.get(name),
    ip,
    requestId,
    signal,
    startedAt,
  })

/** Methods that must not change anything. */
export const isSafe = (method: string): boolean => method === 'GET' || method === 'HEAD' || method === 'OPTIONS'

/** Writes what the operation wanted to add to the answer into its headers. */
export function writeReply(headers: Headers, { reply }: Context): void {
  for (const cookie of reply.cookies) headers.append('set-cookie', cookie)
  for (const [name, value] of Object.entries(reply.headers)) headers.set(name, value)
  if (reply.rateLimit) writeRateLimit(headers, reply.rateLimit)
}

/** Says how much is left of a limit. */
export function writeRateLimit(headers: Headers, { limit, remaining, resetSeconds }: RateLimitState): void {
  headers.set('ratelimit-limit', String(limit))
  headers.set('ratelimit-remaining', String(remaining))
  headers.set('ratelimit-reset', String(resetSeconds))
}

/** Says when a call that failed is worth another try, if the failure knows. */
export function writeRetryAfter(headers: Headers, { details: { retryAfterSeconds } }: AppError): void {
  if (typeof retryAfterSeconds === 'number') headers.set('retry-after', String(retryAfterSeconds))
}
