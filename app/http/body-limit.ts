import { AppError } from '#server/platform/core/index.ts'

/** Most bytes of a request's body: 1 MB, as documented. */
const MAX_BODY_BYTES = 1_000_000

export class BodyTooLarge extends AppError {
  constructor() {
    super('too_large', 'BODY_TOO_LARGE', `The body: expected at most ${MAX_BODY_BYTES} bytes.`, { limitBytes: MAX_BODY_BYTES })
  }
}

/** A request whose body ends with an error where the limit is. */
interface LimitedRequest {
  request: Request
  /** Whether more arrived than is allowed. Whoever reads the body may hide that. */
  isTooLarge(): boolean
}

/**
 * Holds a body to the limit without reading it: by its announced length, or, when that is not
 * announced, by what has arrived while somebody reads it.
 *
 * @throws BodyTooLarge for an announced length over the limit.
 */
export function limitBody(request: Request): LimitedRequest {
  const announced = request.headers.get('content-length')
  if (Number(announced) > MAX_BODY_BYTES) throw new BodyTooLarge()
  if (announced !== null || !request.headers.has('transfer-encoding') || !request.body) return { request, isTooLarge: () => false }
  let size = 0
  const counter = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      size += chunk.byteLength
      if (size > MAX_BODY_BYTES) throw new BodyTooLarge()
      controller.enqueue(chunk)
    },
  })
  const { url, method, headers, signal } = request
  const body = request.body.pipeThrough(counter, { preventCancel: true })
  // Node's fetch wants to be told that the body is sent while the answer may already come.
  const init: RequestInit & { duplex: 'half' } = { method, headers, body, signal, duplex: 'half' }
  return { request: new Request(url, init), isTooLarge: () => size > MAX_BODY_BYTES }
}
