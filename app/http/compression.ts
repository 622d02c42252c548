import { pipeline, Readable } from 'node:stream'
import type { ReadableStream as NodeReadableStream } from 'node:stream/web'
import { promisify } from 'node:util'
import { brotliCompress, constants, createBrotliCompress, createGzip, gzip } from 'node:zlib'
import { chooseCoding, type Coding } from './accept-encoding.ts'

/** Below this, packing costs more than it saves. */
const MIN_BYTES = 1_000

/** Brotli's best takes a hundred times as long; at this it is as fast as gzip, and smaller. */
const brotli = { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } }

/** Answers that are there as a whole. */
const WHOLE = /^(?:application\/(?:[\w.-]+\+)?json|text\/plain)\b/
/** Answers that are read while they are made: pages, and the data pages load. */
const STREAMED = /^text\/(?:html|x-script)\b/

/**
 * Packs an answer as the client accepts it. Events, in whatever form, go out as they come, and files as they are.
 *
 * An answer that hands out a session is left alone: a secret must not be packed together with what a stranger can put
 * beside it, since the size would tell of it (BREACH). No other answer has a secret that a stranger could ask for
 * again and again: the API is called with a key, and pages carry no tokens.
 */
export function compress(request: Request, response: Response): Response | Promise<Response> {
  const type = response.headers.get('content-type') ?? ''
  const isStreamed = STREAMED.test(type)
  if (!isStreamed && !WHOLE.test(type)) return response
  response.headers.append('vary', 'Accept-Encoding')
  const length = response.headers.get('content-length')
  if (length !== null && Number(length) < MIN_BYTES) return response
  const coding = chooseCoding(request.headers.get('accept-encoding'))
  if (!coding || !isPackable(response)) return response
  if (request.method === 'HEAD') {
    // It would be that of the packed answer, which is not made.
    response.headers.delete('content-length')
    return response
  }
  return isStreamed ? packStream(response, coding) : packWhole(response, coding)
}

const unpackable = ['content-encoding', 'content-range', 'content-disposition', 'etag', 'set-cookie', 'transfer-encoding']

const isPackable = ({ status, headers }: Response): boolean =>
  status >= 200 &&
  status !== 204 &&
  status !== 206 &&
  status !== 304 &&
  !headers.get('cache-control')?.includes('no-transform') &&
  !unpackable.some((name) => headers.has(name))

const packBrotli = promisify(brotliCompress)
const packGzip = promisify(gzip)

async function packWhole(response: Response, coding: Coding): Promise<Response> {
  const bytes = new Uint8Array(await response.arrayBuffer())
  if (bytes.byteLength < MIN_BYTES) return withBody(response, bytes)
  return withBody(response, new Uint8Array(await (coding === 'br' ? packBrotli(bytes, brotli) : packGzip(bytes))), coding)
}

function packStream(response: Response, coding: Coding): Response {
  const { body } = response
  if (!body) return response
  // Each piece is sent on at once: a page shows what it has while the rest is still made.
  const packer =
    coding === 'br'
      ? createBrotliCompress({ ...brotli, flush: constants.BROTLI_OPERATION_FLUSH })
      : createGzip({ flush: constants.Z_SYNC_FLUSH })
  // A failure of one ends the other; whoever reads is told.
  pipeline(Readable.fromWeb(body as NodeReadableStream<Uint8Array>), packer, () => undefined)
  return withBody(response, Readable.toWeb(packer) as ReadableStream<Uint8Array>, coding)
}

function withBody({ status, statusText, headers: given }: Response, body: BodyInit, coding?: Coding): Response {
  const headers = new Headers(given)
  headers.delete('content-length')
  if (coding) headers.set('content-encoding', coding)
  return new Response(body, { status, statusText, headers })
}
