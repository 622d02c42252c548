import type { Context } from '#server/core/context.ts'
import { toAppError } from '#server/core/errors.ts'

const encoder = new TextEncoder()
/** Proxies close connections that stay silent; a comment keeps them open. */
const KEEP_ALIVE_MS = 15_000

const formatEvent = (event: string, data: unknown): Uint8Array => encoder.encode(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`)

/**
 * Answers with server-sent events named after each event's `type`. It waits for the first one, so that
 * a call that is refused gets its proper status; a failure after that is an event `error` with the
 * error body. A reader that goes away ends the operation.
 */
export async function eventStream(
  events: AsyncGenerator<unknown>,
  ctx: Context,
  addHeaders: (headers: Headers) => void,
): Promise<Response> {
  const first = await events.next()
  const headers = new Headers({
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache, no-transform',
    'x-accel-buffering': 'no',
  })
  addHeaders(headers)
  let keepAlive: NodeJS.Timeout
  const body = new ReadableStream<Uint8Array>({
    async start(controller) {
      keepAlive = setInterval(() => controller.enqueue(encoder.encode(': keep-alive\n\n')), KEEP_ALIVE_MS)
      const send = ({ type, ...data }: { type: string }) => controller.enqueue(formatEvent(type, data))
      try {
        if (!first.done) send(first.value as { type: string })
        for await (const event of events) send(event as { type: string })
      } catch (error) {
        controller.enqueue(formatEvent('error', errorData(error, ctx)))
      } finally {
        clearInterval(keepAlive)
        controller.close()
      }
    },
    async cancel() {
      clearInterval(keepAlive)
      await events.return(undefined)
    },
  })
  return new Response(body, { headers })
}

function errorData(error: unknown, { platform, requestId }: Context) {
  const known = toAppError(error)
  if (known.kind === 'internal') platform.log.error({ err: known.cause, requestId }, 'a stream failed')
  return { ...known.toBody(), status: known.status, requestId }
}
