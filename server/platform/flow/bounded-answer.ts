// What others send this server has an end, whatever they mean to send.

/** An answer from outside, or an event of it, is longer than any sensible one. */
export class AnswerTooLarge extends Error {
  /** @param unit What was measured. */
  constructor(maxBytes: number, unit: 'answer' | 'event') {
    super(`The ${unit} is longer than ${maxBytes} bytes.`)
  }
}

interface AnswerLimits {
  /** Of the whole body, once it is unpacked. */
  maxBytes: number
  /** Of one event, in a body that is a stream of events: a line without an end is one too. Default: no limit besides `maxBytes`. */
  maxEventBytes?: number
  /** Milliseconds from the call to the last byte. Default: as long as the caller's signal allows. */
  maxMs?: number
}

/**
 * `fetch` whose answers have an end: reading one that has none fails with AnswerTooLarge or a TimeoutError and closes the
 * connection. It is read no faster than its reader reads.
 *
 * @param limits May depend on what is asked.
 */
export function boundedFetch(limits: AnswerLimits | ((init: RequestInit | undefined) => AnswerLimits)): typeof fetch {
  return async (input, init) => {
    const bounds = typeof limits === 'function' ? limits(init) : limits
    const signals = [...(init?.signal ? [init.signal] : []), ...(bounds.maxMs === undefined ? [] : [AbortSignal.timeout(bounds.maxMs)])]
    const response = await fetch(input, signals.length > 0 ? { ...init, signal: AbortSignal.any(signals) } : init)
    if (!response.body) return response
    const limit = new LengthLimit(bounds)
    const body = response.body.pipeThrough(
      new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
        transform(chunk, controller) {
          limit.add(chunk)
          controller.enqueue(chunk)
        },
      }),
    )
    const { status, statusText, headers } = response
    return new Response(body, { status, statusText, headers })
  }
}

/** What ends an event: a line with nothing in it. */
const EMPTY_LINES = ['\n\n', '\n\r\n']

/** Counts the bytes of a body, and of its events. */
export class LengthLimit {
  readonly #maxBytes: number
  readonly #maxEventBytes: number
  #bytes = 0
  /** Of the event that has not ended. One that ends between two chunks is counted on to the end of the next. */
  #eventBytes = 0

  constructor({ maxBytes, maxEventBytes = maxBytes }: AnswerLimits) {
    this.#maxBytes = maxBytes
    this.#maxEventBytes = maxEventBytes
  }

  /** @throws AnswerTooLarge when it is too much with what came before. */
  add(chunk: Uint8Array): void {
    this.#bytes += chunk.length
    if (this.#bytes > this.#maxBytes) throw new AnswerTooLarge(this.#maxBytes, 'answer')
    if (this.#maxEventBytes === this.#maxBytes) return
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length)
    const lastEnd = Math.max(...EMPTY_LINES.map((end) => bytes.lastIndexOf(end)))
    this.#eventBytes = lastEnd < 0 ? this.#eventBytes + chunk.length : chunk.length - lastEnd
    if (this.#eventBytes > this.#maxEventBytes) throw new AnswerTooLarge(this.#maxEventBytes, 'event')
  }
}

/** The whole body. @throws AnswerTooLarge */
export async function readBytes(body: AsyncIterable<Buffer>, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  const limit = new LengthLimit({ maxBytes })
  for await (const chunk of body) {
    limit.add(chunk)
    chunks.push(chunk)
  }
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)
}

/** The beginning of a body as text; of a longer one the rest is not waited for. */
export async function readStart(body: AsyncIterable<Uint8Array> | ReadableStream<Uint8Array>, maxBytes: number): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  // The types of the browser, where streams cannot be iterated everywhere, hide that they can be here.
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    chunks.push(chunk)
    size += chunk.length
    if (size >= maxBytes) break
  }
  return Buffer.concat(chunks).toString('utf8', 0, maxBytes)
}
