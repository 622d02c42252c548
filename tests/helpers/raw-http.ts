import { request, type IncomingMessage } from 'node:http'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'

/** An answer as it came over the wire. */
export interface RawAnswer {
  status: number
  headers: IncomingMessage['headers']
  bytes: Buffer
  /** The bytes, unpacked as the headers say. */
  text: string
}

interface Sent {
  method?: string
  headers?: Record<string, string>
  body?: string
}

/** Asks without what `fetch` adds by itself, and unpacks nothing. */
export async function rawCall(url: string, { method = 'GET', headers = {}, body }: Sent = {}): Promise<RawAnswer> {
  const incoming = await openCall(url, { method, headers, ...(body === undefined ? {} : { body }) })
  const bytes = Buffer.concat(await incoming.toArray())
  return { status: incoming.statusCode!, headers: incoming.headers, bytes, text: unpack(bytes, incoming.headers['content-encoding']) }
}

/** The answer once it has begun. */
export const openCall = (url: string, { method = 'GET', headers = {}, body }: Sent = {}): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const outgoing = request(url, {
      method,
      headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    })
    outgoing.on('error', reject).on('response', resolve)
    outgoing.end(body)
  })

function unpack(bytes: Buffer, coding: string | undefined): string {
  if (bytes.byteLength === 0) return ''
  if (coding === 'br') return brotliDecompressSync(bytes).toString()
  return (coding === 'gzip' ? gunzipSync(bytes) : bytes).toString()
}
