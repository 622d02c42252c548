import { AppError, InvalidInput } from '#server/platform/core/index.ts'
import { isSafe } from './call-context.server.ts'
import type { RequestContext } from './request-context.ts'

/** Most bytes of a request's body, unpacked: 1 MB, as documented. */
const MAX_BODY_BYTES = 1_000_000

/** Content codings a body may be packed with. */
const encodings = ['gzip', 'deflate'] as const
type Encoding = (typeof encodings)[number]

class BodyTooLarge extends AppError {
  constructor() {
    super('too_large', 'BODY_TOO_LARGE', `The body: expected at most ${MAX_BODY_BYTES} bytes.`, { limitBytes: MAX_BODY_BYTES })
  }
}

/** The body is packed in a way that is not read here; the answer says in `Accept-Encoding` which are. */
export class UnsupportedEncoding extends AppError {
  readonly accepted: string

  constructor(encoding: string, accepted: readonly string[]) {
    super('unsupported_media', 'UNSUPPORTED_ENCODING', `Content-Encoding: expected ${accepted.join(' or ')}, got ${encoding}.`)
    this.accepted = accepted.join(', ')
  }
}

class UnreadableBody extends InvalidInput {
  constructor(expected: string) {
    super([{ field: '', message: `The body: expected ${expected}` }])
  }
}

/**
 * The request as transports read it. Nothing of the body is taken in before somebody reads it; it is then unpacked,
 * held to the limit, and refused when it is not UTF-8 or, as JSON, no JSON. Some readers hide what they were refused
 * for, so it is noted in `context.bodyProblem` too.
 *
 * @throws BodyTooLarge for an announced length over the limit.
 * @throws UnsupportedEncoding, UnreadableBody for a `Content-Encoding` that cannot be read.
 */
export function withCheckedBody(original: Request, context: RequestContext): Request {
  const announced = original.headers.get('content-length')
  if (Number(announced) > MAX_BODY_BYTES) throw new BodyTooLarge()
  // Nobody reads what comes with a question.
  if (isSafe(original.method)) return original
  const isInPieces = announced === null && original.headers.has('transfer-encoding')
  const encoding = Number(announced) > 0 || isInPieces ? encodingOf(original) : undefined
  const body = encoding || isInPieces ? original.body : null
  const request = body ? withBody(original, limited(encoding ? unpacked(body, encoding) : body)) : original

  const noted = async <T>(read: () => Promise<T>): Promise<T> => {
    try {
      return await read()
    } catch (error) {
      context.bodyProblem = error instanceof AppError ? error : new UnreadableBody(encoding ? `valid ${encoding}` : 'it to arrive whole')
      throw context.bodyProblem
    }
  }
  const readText = async () => toText(await request.arrayBuffer())
  return Object.defineProperties(request, {
    text: { value: () => noted(readText) },
    json: { value: () => noted(async () => parseJson(await readText())) },
  })
}

/** @throws UnsupportedEncoding when the body is packed: what reads forms has limits of its own, which are about what arrives. */
export function refuseEncoding({ headers }: Request): void {
  const encoding = headers.get('content-encoding')?.trim().toLowerCase()
  if (encoding && encoding !== 'identity') throw new UnsupportedEncoding(encoding, ['identity'])
}

function encodingOf({ headers }: Request): Encoding | undefined {
  const encoding = headers.get('content-encoding')?.trim().toLowerCase()
  if (!encoding || encoding === 'identity') return undefined
  if (encoding.includes(',')) throw new UnreadableBody('one Content-Encoding')
  const known = encodings.find((name) => name === encoding)
  if (!known) throw new UnsupportedEncoding(encoding, encodings)
  return known
}

// Whoever stops reading must not cancel what is still arriving: that would end the connection, and the answer with it.
const leaveRest = { preventCancel: true }

const unpacked = (body: ReadableStream<Uint8Array>, encoding: Encoding): ReadableStream<Uint8Array> =>
  body.pipeThrough(new DecompressionStream(encoding) as ReadableWritablePair<Uint8Array, Uint8Array>, leaveRest)

function limited(body: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
  let size = 0
  const counter = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      size += chunk.byteLength
      if (size > MAX_BODY_BYTES) throw new BodyTooLarge()
      controller.enqueue(chunk)
    },
  })
  return body.pipeThrough(counter, leaveRest)
}

function withBody({ url, method, headers: given, signal }: Request, body: ReadableStream<Uint8Array>): Request {
  const headers = new Headers(given)
  headers.delete('content-encoding')
  headers.delete('content-length')
  // Node's fetch wants to be told that the body is sent while the answer may already come.
  const init: RequestInit & { duplex: 'half' } = { method, headers, body, signal, duplex: 'half' }
  return new Request(url, init)
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

function toText(bytes: ArrayBuffer): string {
  try {
    return utf8.decode(bytes)
  } catch {
    throw new UnreadableBody('valid UTF-8')
  }
}

/** @throws UnreadableBody */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new UnreadableBody('valid JSON')
  }
}
