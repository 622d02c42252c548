import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createBrotliDecompress, createGunzip } from 'node:zlib'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { compress } from '../../../app/http/compression.ts'
import { createHttpServer } from '../../../app/http/http-server.ts'
import { createListener } from '../../../app/http/listener.ts'
import { openCall, rawCall } from '../../helpers/raw-http.ts'
import { startTestServer, type TestServer } from '../../helpers/test-server.ts'

let stop: (() => Promise<void>) | undefined
afterEach(() => stop?.())

/** A server that gives this answer to everybody. */
async function serve(answer: () => Response): Promise<string> {
  const server = createHttpServer(createListener(async (request) => compress(request, answer())))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  stop = async () => {
    server.closeAllConnections()
    await once(server.close(), 'close')
  }
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

const long = 'the ferry leaves at six; '.repeat(200)
const accepting = (header: string) => ({ headers: { 'accept-encoding': header } })
const plain = (headers: Record<string, string>, status = 200) => new Response(new Blob([long]).stream(), { status, headers })

describe('JSON', () => {
  test.each(['br', 'gzip'])('over 1 kB is packed with %s', async (coding) => {
    const url = await serve(() => Response.json({ long }, { headers: { 'x-kept': 'yes' } }))
    const answer = await rawCall(url, accepting(coding))
    expect(answer.headers).toMatchObject({ 'content-encoding': coding, vary: 'Accept-Encoding', 'x-kept': 'yes' })
    expect(answer.headers['content-length']).toBe(String(answer.bytes.byteLength))
    expect(answer.bytes.byteLength).toBeLessThan(200)
    expect(JSON.parse(answer.text)).toEqual({ long })
  })

  test('of any kind is', async () => {
    for (const type of ['application/json; charset=utf-8', 'application/graphql-response+json', 'text/plain; version=0.0.4']) {
      const url = await serve(() => plain({ 'content-type': type }, 404))
      expect(await rawCall(url, accepting('gzip'))).toMatchObject({ status: 404, headers: { 'content-encoding': 'gzip' }, text: long })
      await stop!()
    }
  })

  test('is not packed for who does not ask for it, nor where it is short', async () => {
    const url = await serve(() => Response.json({ long }))
    for (const headers of [{}, { 'accept-encoding': 'identity;q=1, gzip;q=0' }, { 'accept-encoding': 'zstd' }] as Record<
      string,
      string
    >[]) {
      const answer = await rawCall(url, { headers })
      expect(answer.headers).not.toHaveProperty('content-encoding')
      expect(answer.headers.vary).toBe('Accept-Encoding')
      expect(JSON.parse(answer.text)).toEqual({ long })
    }
    await stop!()
    const short = await serve(() => Response.json({ short: 'yes' }, { status: 201 }))
    const answer = await rawCall(short, accepting('gzip'))
    expect(answer).toMatchObject({ status: 201, text: '{"short":"yes"}' })
    expect(answer.headers).not.toHaveProperty('content-encoding')
  })
})

describe('a page', () => {
  test.each([
    ['br', createBrotliDecompress],
    ['gzip', createGunzip],
  ])('packed with %s arrives as it is made', async (coding, createUnpacker) => {
    const page = new TransformStream<Uint8Array, Uint8Array>()
    const writer = page.writable.getWriter()
    const url = await serve(() => new Response(page.readable, { headers: { 'content-type': 'text/html; charset=utf-8' } }))
    const answer = openCall(url, accepting(coding))
    await writer.write(Buffer.from('<h1>Agents</h1>'))
    const incoming = await answer
    expect(incoming.headers['content-encoding']).toBe(coding)
    const unpacked = incoming.pipe(createUnpacker()).setEncoding('utf8')
    // The rest is not made before this has arrived.
    expect(await once(unpacked, 'data')).toEqual(['<h1>Agents</h1>'])
    void writer.write(Buffer.from('<p>None yet</p>'))
    expect(await once(unpacked, 'data')).toEqual(['<p>None yet</p>'])
    void writer.close()
    await once(unpacked.resume(), 'end')
  })

  test('is no longer made when its reader goes away', async () => {
    let cancelled: () => void = () => undefined
    const gone = new Promise<void>((resolve) => (cancelled = resolve))
    const body = () =>
      new ReadableStream<Uint8Array>({ start: (controller) => controller.enqueue(Buffer.from(long)), cancel: () => cancelled() })
    const url = await serve(() => new Response(body(), { headers: { 'content-type': 'text/html' } }))
    const incoming = await openCall(url, accepting('br'))
    incoming.destroy()
    await gone
  })

  test('that breaks off ends the connection', async () => {
    const body = () => {
      let pulls = 0
      return new ReadableStream<Uint8Array>({
        pull: (controller) => (pulls++ === 0 ? controller.enqueue(Buffer.from(long)) : controller.error(new Error('broken'))),
      })
    }
    const url = await serve(() => new Response(body(), { headers: { 'content-type': 'text/html' } }))
    await expect(rawCall(url, accepting('gzip'))).rejects.toThrow('aborted')
  })
})

describe('left as they are', () => {
  test.each<[what: string, headers: Record<string, string>, status?: number]>([
    ['events', { 'content-type': 'text/event-stream', 'cache-control': 'no-cache, no-transform' }],
    ['lines of JSON', { 'content-type': 'application/jsonl' }],
    ['a tRPC stream', { 'content-type': 'application/json', 'transfer-encoding': 'chunked' }],
    ['parts', { 'content-type': 'multipart/mixed; boundary=-' }],
    ['a file', { 'content-type': 'text/plain', 'content-disposition': 'attachment; filename="a.txt"' }],
    ['a part of a file', { 'content-type': 'text/plain', 'content-range': 'bytes 0-9/100' }, 206],
    ['what has a strong validator', { 'content-type': 'application/json', etag: '"1"' }],
    ['pictures', { 'content-type': 'image/png' }],
    ['a new session', { 'content-type': 'application/json', 'set-cookie': 'agentbot-session=secret' }],
    ['what is packed already', { 'content-type': 'application/json', 'content-encoding': 'zstd' }],
  ])('%s', async (_what, headers, status) => {
    const url = await serve(() => plain(headers, status))
    const answer = await rawCall(url, accepting('gzip, br'))
    expect(answer.bytes.toString()).toBe(long)
    expect(answer.headers['content-encoding']).toBe(headers['content-encoding'])
  })

  test('answers to HEAD, and that nothing has changed', async () => {
    const url = await serve(() => new Response(null, { headers: { 'content-type': 'application/json', 'content-length': '5000' } }))
    const head = await rawCall(url, { method: 'HEAD', ...accepting('gzip') })
    expect(head.headers.vary).toBe('Accept-Encoding')
    expect(head.headers).not.toHaveProperty('content-encoding')
    expect(head.headers['content-length']).not.toBe('5000')
    await stop!()
    const unchanged = await serve(() => new Response(null, { status: 304, headers: { 'content-type': 'application/json' } }))
    expect(await rawCall(unchanged, accepting('gzip'))).toMatchObject({ status: 304, text: '' })
  })
})

describe('the server', () => {
  let server: TestServer
  beforeAll(async () => {
    server = await startTestServer()
  })
  afterAll(() => server.close())

  test('packs what every transport answers, and no stream of any', async () => {
    const { key } = await server.createAccount()
    const headers = { authorization: `Bearer ${key}`, 'accept-encoding': 'gzip, br', origin: 'https://elsewhere.example' }
    const memory = { agentId: '', values: Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`key${index}`, long.slice(0, 50)])) }
    const created = await server.call('POST', '/api/agents', { key, body: { name: 'Night Clerk' } })
    memory.agentId = created.body.id
    await server.call('POST', '/api/memory', { key, body: { agentId: memory.agentId, memory: memory.values } })

    const query = JSON.stringify({ query: '{ __schema { types { name description } } }' })
    const packed = [
      await rawCall(`${server.url}/api/memory?agentId=${memory.agentId}`, { headers }),
      await rawCall(`${server.url}/trpc/system.openapi`, { headers }),
      await rawCall(`${server.url}/graphql`, { method: 'POST', headers, body: query }),
      await rawCall(`${server.url}/metrics`, { headers: { ...headers, authorization: 'Bearer none' } }),
    ]
    expect(packed.map(({ status, headers }) => [status, headers['content-encoding']])).toEqual([
      [200, 'br'],
      [200, 'br'],
      [200, 'br'],
      // Too short.
      [401, undefined],
    ])
    for (const answer of packed) expect(answer.headers.vary).toMatch(/Origin, Accept-Encoding$/)
    expect(packed[0]!.text).toContain('the ferry')

    const body = JSON.stringify({ message: 'hello '.repeat(300), agentId: memory.agentId })
    const batch = `{"0":${body}}`
    const streams = [
      await rawCall(`${server.url}/api/chat`, { method: 'POST', headers: { ...headers, accept: 'text/event-stream' }, body }),
      await rawCall(`${server.url}/trpc/chat.stream?batch=1`, {
        method: 'POST',
        headers: { ...headers, 'trpc-accept': 'application/jsonl' },
        body: batch,
      }),
      await rawCall(`${server.url}/graphql`, {
        method: 'POST',
        headers: { ...headers, accept: 'text/event-stream' },
        body: JSON.stringify({ query: '{ __schema { types { name description } } }' }),
      }),
    ]
    for (const { headers, bytes } of streams) {
      // Yoga says `none` of its events.
      expect(headers['content-encoding'] ?? 'none').toBe('none')
      expect(bytes.byteLength).toBeGreaterThan(100)
    }
  })
})
