import { AppError, InvalidInput } from '#server/platform/core/index.ts'
import { isSafe } from './call-context.server.ts'
import type { HeldBody } from './held-bodies.ts'
import type { RequestContext } from './request-context.ts'
import type { Surface } from './surfaces.ts'

/** Most bytes of a request's body, unpacked: 1 MB, as documented. */
const MAX_BODY_BYTES = 1_000_000

/** The same where models are called, whose requests carry pictures. */
export const MAX_MODEL_BODY_BYTES = 32_000_000

const limitOf = ({ name }: Surface): number => (name === 'openai' ? MAX_MODEL_BODY_BYTES : MAX_BODY_BYTES)

/** Most values of a body: as many as fit into 1 MB. Each takes up to fifty times its size once it is parsed. */
const MAX_VALUES = 1_000_000

/** Content codings a body may be packed with. */
const encodings = ['gzip', 'deflate'] as const
type Encoding = (typeof encodings)[number]

class BodyTooLarge extends AppError {
  constructor(limitBytes: number) {
    super('too_large', 'BODY_TOO_LARGE', `The body: expected at most ${limitBytes} bytes.`, { limitBytes })
  }
}

class TooManyValues extends AppError {
  constructor() {
    super('too_large', 'BODY_TOO_LARGE', `The body: expected at most ${MAX_VALUES} values.`, { limitValues: MAX_VALUES })
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
 * @param held Where the bytes beyond the first megabyte are counted while they arrive.
 * @throws BodyTooLarge for an announced length over the limit.
 * @throws UnsupportedEncoding, UnreadableBody for a `Content-Encoding` that cannot be read.
 */
export function withCheckedBody(original: Request, context: RequestContext, held: HeldBody): Request {
  const announced = original.headers.get('content-length')
  const limit = limitOf(context.surface)
  if (Number(announced) > limit) throw new BodyTooLarge(limit)
  // Nobody reads what comes with a question.
  if (isSafe(original.method)) return original
  const isInPieces = announced === null && original.headers.has('transfer-encoding')
  const encoding = Number(announced) > 0 || isInPieces ? encodingOf(original) : undefined
  const body = encoding || isInPieces || Number(announced) > MAX_BODY_BYTES ? original.body : null
  const request = body ? withBody(original, limited(encoding ? unpacked(body, encoding) : body, limit, held)) : original

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

function limited(body: ReadableStream<Uint8Array>, limit: number, held: HeldBody): ReadableStream<Uint8Array> {
  let size = 0
  const counter = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      size += chunk.byteLength
      if (size > limit) throw new BodyTooLarge(limit)
      if (size > MAX_BODY_BYTES) held.add(Math.min(chunk.byteLength, size - MAX_BODY_BYTES))
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

/** @throws UnreadableBody, TooManyValues */
export function parseJson(text: string): unknown {
  if (text.length > MAX_VALUES && hasTooManyValues(text)) throw new TooManyValues()
  try {
    return JSON.parse(text)
  } catch {
    throw new UnreadableBody('valid JSON')
  }
}

const [QUOTE, COMMA, LIST, OBJECT] = ['"', ',', '[', '{'].map((sign) => sign.charCodeAt(0))

/** Counts what begins a value, before anything is made of the text. Texts within it, such as pictures, are leapt over. */
function hasTooManyValues(text: string): boolean {
  let values = 0
  for (let at = 0; at < text.length; at++) {
    const sign = text.charCodeAt(at)
    if (sign === QUOTE) at = endOfText(text, at)
    else if ((sign === COMMA || sign === LIST || sign === OBJECT) && ++values > MAX_VALUES) return true
  }
  return false
}

/** Where the text that begins there ends: at the next quote that is not escaped. */
function endOfText(json: string, start: number): number {
  for (let end = json.indexOf('"', start + 1); end >= 0; end = json.indexOf('"', end + 1)) {
    let escapes = 0
    while (json[end - 1 - escapes] === '\\') escapes += 1
    if (escapes % 2 === 0) return end
  }
  return json.length
}
