import { AppError } from '#server/core/errors.ts'

/** Most bytes of a request's body: 1 MB, as documented. */
export const MOST_BODY_BYTES = 1_000_000

export class BodyTooLarge extends AppError {
  constructor() {
    super('too_large', 'BODY_TOO_LARGE', `The body: expected at most ${MOST_BODY_BYTES} bytes.`, { limitBytes: MOST_BODY_BYTES })
  }
}

/**
 * Refuses a body over the limit before it is read whole: by its announced length, or, when the length
 * is not announced, as soon as too much has arrived.
 *
 * @throws BodyTooLarge
 */
export async function limitBody(request: Request): Promise<Request> {
  if (request.method === 'GET' || request.method === 'HEAD' || request.method === 'OPTIONS') return request
  const announced = request.headers.get('content-length')
  if (announced !== null) {
    if (Number(announced) > MOST_BODY_BYTES) throw new BodyTooLarge()
    return request
  }
  if (!request.headers.has('transfer-encoding') || !request.body) return request
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of request.body as unknown as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength
    if (size > MOST_BODY_BYTES) throw new BodyTooLarge()
    chunks.push(chunk)
  }
  return new Request(request.url, { method: request.method, headers: request.headers, body: Buffer.concat(chunks), signal: request.signal })
}
