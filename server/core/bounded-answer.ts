// What others send this server has an end, whatever they mean to send.

/** An answer from outside, or a line of it, is longer than any sensible one. */
export class AnswerTooLarge extends Error {
  /** @param unit What was measured. */
  constructor(maxBytes: number, unit: 'answer' | 'line' = 'answer') {
    super(`The ${unit} is longer than ${maxBytes} bytes.`)
  }
}

export interface AnswerLimits {
  /** Of the whole body, once it is unpacked. */
  maxBytes: number
  /** Of one line, in a body that is a stream of events. Default: no limit besides `maxBytes`. */
  maxLineBytes?: number
  /** Milliseconds from the call to the last byte. Default: as long as the caller's signal allows. */
  maxMs?: number
}

const isEventStream = (response: Response): boolean => response.headers.get('content-type')?.includes('text/event-stream') ?? false

/**
 * `fetch` whose answers have an end: reading one that has none fails with AnswerTooLarge or a TimeoutError and closes the
 * connection. It is read no faster than its reader reads.
 */
export function boundedFetch({ maxBytes, maxLineBytes = maxBytes, maxMs }: AnswerLimits): typeof fetch {
  return async (input, init) => {
    const signals = [...(init?.signal ? [init.signal] : []), ...(maxMs === undefined ? [] : [AbortSignal.timeout(maxMs)])]
    const response = await fetch(input, signals.length > 0 ? { ...init, signal: AbortSignal.any(signals) } : init)
    if (!response.body) return response
    const limit = new LengthLimit(maxBytes, isEventStream(response) ? maxLineBytes : maxBytes)
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

const LINE_FEED = 10

/** Counts the bytes of a body and of its lines. */
export class LengthLimit {
  readonly #maxBytes: number
  readonly #maxLineBytes: number
  #bytes = 0
  /** Of the line that has not ended. */
  #lineBytes = 0

  constructor(maxBytes: number, maxLineBytes = maxBytes) {
    this.#maxBytes = maxBytes
    this.#maxLineBytes = maxLineBytes
  }

  /** @throws AnswerTooLarge when it is too much with what came before. */
  add(chunk: Uint8Array): void {
    this.#bytes += chunk.length
    if (this.#bytes > this.#maxBytes) throw new AnswerTooLarge(this.#maxBytes)
    const first = chunk.indexOf(LINE_FEED)
    this.#lineBytes += first < 0 ? chunk.length : first
    if (this.#lineBytes > this.#maxLineBytes) throw new AnswerTooLarge(this.#maxLineBytes, 'line')
    if (first >= 0) this.#lineBytes = chunk.length - 1 - chunk.lastIndexOf(LINE_FEED)
  }
}

/** The whole body. @throws AnswerTooLarge */
export async function readBytes(body: AsyncIterable<Uint8Array>, maxBytes: number): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  const limit = new LengthLimit(maxBytes)
  for await (const chunk of body) {
    limit.add(chunk)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** The beginning of a body as text; of a longer one the rest is not waited for. */
export async function readStart(body: AsyncIterable<Uint8Array>, maxBytes: number): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body) {
    chunks.push(chunk)
    size += chunk.length
    if (size >= maxBytes) break
  }
  return Buffer.concat(chunks).toString('utf8', 0, maxBytes)
}
