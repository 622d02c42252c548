import { type Context, toAppError, type AppError } from '#server/platform/core/index.ts'
import type { StreamFormat } from '#server/platform/operations/index.ts'

const encoder = new TextEncoder()
/** Proxies and clients give up on connections that stay silent; a comment keeps them open. */
export const KEEP_ALIVE_MS = 10_000
const KEEP_ALIVE = encoder.encode(': keep-alive\n\n')

/** What goes over the wire for one event, for a failure and at the end; nothing for an event that is not sent. */
interface Writer {
  event(event: unknown): string | undefined
  error(error: AppError, requestId: string): string
  end?: string
}

const nameAndData = (event: string, data: unknown): string => `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`

/** The events of this API are named after their `type`; a failure is an event `error` with the error body. */
const namedEvents: Writer = {
  event: (event) => {
    const { type, ...data } = event as { type: string }
    return nameAndData(type, data)
  },
  error: (error, requestId) => nameAndData('error', { ...error.toBody(), status: error.status, requestId }),
}

const dataLine = (data: unknown): string => `data: ${JSON.stringify(data)}\n\n`

const dataLines = (format: StreamFormat): Writer => ({
  event(event) {
    const data = format.data(event)
    return data === undefined ? undefined : dataLine(data)
  },
  error: (error) => dataLine(format.error(error)),
  end: `data: ${format.end}\n\n`,
})

/** How the events of a binding are written. */
export const eventWriter = (format?: StreamFormat): Writer => (format ? dataLines(format) : namedEvents)

/** Events that may wait for a reader; the operation is not asked for more until they are read. */
const MAX_WAITING_EVENTS = 16

/**
 * Answers with server-sent events. It waits for the first one, so that a call that is refused gets its
 * proper status, but for no longer than clients wait for an answer to begin; a failure after that is written
 * into the stream. A reader that goes away ends the operation, and one that does not read stops it for as long.
 */
export async function eventStream(
  events: AsyncGenerator<unknown>,
  ctx: Context,
  addHeaders: (headers: Headers) => void,
  format?: StreamFormat,
): Promise<Response> {
  const writer = eventWriter(format)
  const first = events.next()
  // Should it fail after the headers are out, whoever writes the events says so.
  first.catch(() => undefined)
  const hasBegun = await isSettledWithin(first, KEEP_ALIVE_MS)
  const headers = new Headers({
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache, no-transform',
    'x-accel-buffering': 'no',
  })
  addHeaders(headers)
  const chunks = written(writer, first, events, ctx)
  let keepAlive: NodeJS.Timeout
  const body = new ReadableStream<Uint8Array>(
    {
      start(controller) {
        if (!hasBegun) controller.enqueue(KEEP_ALIVE)
        // Not for a reader that leaves what it has unread.
        keepAlive = setInterval(() => controller.desiredSize! > 0 && controller.enqueue(KEEP_ALIVE), KEEP_ALIVE_MS)
      },
      async pull(controller) {
        const { done, value } = await chunks.next()
        if (!done) return controller.enqueue(value)
        clearInterval(keepAlive)
        controller.close()
      },
      async cancel() {
        clearInterval(keepAlive)
        await events.return(undefined)
      },
    },
    { highWaterMark: MAX_WAITING_EVENTS },
  )
  return new Response(body, { headers })
}

/** Whether it comes in time. @throws what it fails with in time. */
async function isSettledWithin(work: Promise<unknown>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const tooLate = new Promise<false>((resolve) => (timer = setTimeout(resolve, ms, false)))
  try {
    return await Promise.race([work.then(() => true), tooLate])
  } finally {
    clearTimeout(timer)
  }
}

/** What goes over the wire, piece by piece, as it is asked for. */
async function* written(
  writer: Writer,
  first: Promise<IteratorResult<unknown>>,
  events: AsyncGenerator<unknown>,
  ctx: Context,
): AsyncGenerator<Uint8Array, void> {
  try {
    for (let next = await first; !next.done; next = await events.next()) {
      const text = writer.event(next.value)
      if (text !== undefined) yield encoder.encode(text)
    }
    if (writer.end !== undefined) yield encoder.encode(writer.end)
  } catch (error) {
    yield encoder.encode(writer.error(known(error, ctx), ctx.requestId))
  }
}

function known(error: unknown, { platform, requestId }: Context): AppError {
  const appError = toAppError(error)
  if (appError.kind === 'internal') platform.log.error({ err: appError.cause, requestId }, 'a stream failed')
  return appError
}
