import { ServerStopping, toAppError, type RateLimitState } from '#server/platform/core/index.ts'
import { countCall, prefers } from '#server/platform/operations/index.ts'
import { writeRateLimit, writeRetryAfter } from './call-context.server.ts'
import type { RequestContext } from './request-context.ts'
import { UnsupportedEncoding } from './request-body.ts'

/** Answers a request that no transport has answered, in the form of the one it was for. */
export function failure(error: unknown, request: Request, { platform, requestId, signal, surface }: RequestContext): Response {
  const known = toAppError(error)
  if (known instanceof ServerStopping && surface.name === 'trpc' && isEventSource(request)) return endedStream()
  // Who has gone away is no failure of ours, and reads no answer.
  if (known.kind === 'internal' && !signal.aborted) platform.log.error({ err: error, requestId }, 'a request failed')
  const headers = new Headers()
  writeRetryAfter(headers, known)
  if (known instanceof ServerStopping) headers.set('connection', 'close')
  if (known instanceof UnsupportedEncoding) headers.set('accept-encoding', known.accepted)
  return Response.json(surface.errorBody(known, requestId), { status: known.status, headers })
}

const isEventSource = ({ headers }: Request): boolean => prefers(headers.get('accept'), 'text/event-stream')

/** An EventSource connects again after a stream that ended, but never after another answer, whatever its status. */
const endedStream = (): Response =>
  new Response('retry: 1000\n\n', { headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-store', connection: 'close' } })

/**
 * Counts what a caller got wrong before any operation was reached, such as a path there is not or a body that is no
 * JSON. What was counted says so in its headers. Once the bucket is used up, the answer is that.
 */
export async function countRefusal(answer: Response, request: Request, context: RequestContext): Promise<Response> {
  const { status, headers } = answer
  if (status < 400 || status >= 500 || status === 429 || headers.has('ratelimit-limit')) return answer
  try {
    writeRateLimit(headers, await count(context))
    return answer
  } catch (error) {
    return failure(error, request, context)
  }
}

async function count({ platform, call, ip, surface, bucket = surface.bucket }: RequestContext): Promise<RateLimitState> {
  if (!call) return platform.rateLimits.count(bucket, { callerId: null, ip })
  await countCall(call, bucket)
  return call.reply.rateLimit!
}
