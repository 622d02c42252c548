import { request } from 'node:http'
import v8 from 'node:v8'
import { deflateSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { startTolerantProvider, type TolerantProvider } from '../../fakes/tolerant-provider.ts'
import { startTestServer, type TestAccount, type TestServer } from '../../helpers/test-server.ts'

let server: TestServer
let account: TestAccount
beforeAll(async () => {
  server = await startTestServer()
  account = await server.createAccount()
})
afterAll(() => server.close())

interface Received {
  status: number
  headers: Record<string, string | string[] | undefined>
  body: string
}

/** Sends bytes as they are, announced or in pieces. */
function send(path: string, body: Uint8Array | Uint8Array[], headers: Record<string, string> = {}): Promise<Received> {
  return new Promise((resolve, reject) => {
    const pieces = Array.isArray(body) ? body : undefined
    const outgoing = request(server.url + path, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${account.key}`,
        ...(pieces ? { 'transfer-encoding': 'chunked' } : { 'content-length': String((body as Uint8Array).byteLength) }),
        ...headers,
      },
    })
    outgoing.on('error', (error: NodeJS.ErrnoException) => (['EPIPE', 'ECONNRESET'].includes(error.code ?? '') ? undefined : reject(error)))
    outgoing.on('response', (incoming) => {
      let text = ''
      incoming.setEncoding('utf8').on('data', (piece: string) => (text += piece))
      incoming.on('end', () => resolve({ status: incoming.statusCode!, headers: incoming.headers, body: text }))
    })
    for (const piece of pieces ?? [body as Uint8Array]) outgoing.write(piece)
    outgoing.end()
  })
}

/** One call that makes an agent, over each transport. */
const creations: [transport: string, path: string, body: (name: string) => string][] = [
  ['REST', '/api/agents', (name) => JSON.stringify({ name })],
  ['tRPC', '/trpc/agents.create', (name) => JSON.stringify({ name })],
  ['tRPC, in a batch', '/trpc/agents.create?batch=1', (name) => JSON.stringify({ 0: { name } })],
  [
    'GraphQL',
    '/graphql',
    (name) => JSON.stringify({ query: 'mutation ($name: String!) { createAgent(name: $name) { name } }', variables: { name } }),
  ],
]
const bytes = (text: string) => Buffer.from(text, 'utf8')

/** The name with a byte in it that begins a character and is not followed by the rest of one. */
const withBadByte = (text: string) =>
  Buffer.concat([bytes(text.split('NAME')[0]!), Buffer.from([0xc3, 0x28]), bytes(text.split('NAME')[1]!)])

describe('bytes that are no UTF-8 are refused', () => {
  test.each(creations)('over %s', async (_transport, path, body) => {
    for (const sent of [withBadByte(body('NAME')), [withBadByte(body('NAME'))], [gzipSync(withBadByte(body('NAME')))]]) {
      const isPacked = Array.isArray(sent) && sent[0]![0] === 0x1f
      const answer = await send(path, sent, isPacked ? { 'content-encoding': 'gzip' } : {})
      expect(answer).toMatchObject({ status: 400, body: expect.stringContaining('The body: expected valid UTF-8') })
      expect(answer.body).toContain('INVALID_INPUT')
    }
  })

  test('as a GraphQL document by itself', async () => {
    const answer = await send('/graphql', withBadByte('{ version { version } } # NAME'), { 'content-type': 'application/graphql' })
    expect(answer).toMatchObject({ status: 400, body: expect.stringContaining('The body: expected valid UTF-8') })
  })

  test.each([
    '/api/chat?topic=a%C3%28',
    '/api/agents/%E2%82',
    '/trpc/agents.get?input=%FF',
    '/graphql?query=%FF',
    '/v1/models/%80',
    '/agents/%FF',
  ])('in a URL: %s', async (path) => {
    const answer = await server.call('GET', path, account)
    expect(answer.status).toBe(400)
    expect(JSON.stringify(answer.body)).toContain('The URL: expected escaped bytes to be valid UTF-8')
  })

  test('in a form, by the name of the field', async () => {
    const part = (disposition: string, text: string) => `--x\r\ncontent-disposition: form-data; ${disposition}\r\n\r\n${text}\r\n`
    const headers = { 'content-type': 'multipart/form-data; boundary=x' }
    const inText = withBadByte(`${part('name="agentId"', 'NAME')}--x--\r\n`)
    expect(await send('/api/files', inText, headers)).toMatchObject({
      status: 400,
      body: expect.stringContaining('agentId: expected valid UTF-8'),
    })
    const inName = withBadByte(`${part('name="file"; filename="NAME"', 'bytes')}--x--\r\n`)
    expect(await send('/api/files', inName, headers)).toMatchObject({
      status: 400,
      body: expect.stringContaining('file: expected valid UTF-8'),
    })
  })

  test('and text beyond ASCII arrives as it was sent', async () => {
    const name = 'Üla 夜 🌒'
    for (const [, path, body] of creations) {
      const answer = await send(path, bytes(body(name)))
      expect(answer.body).toContain(name)
    }
    const found = await server.call('GET', `/api/chat?topic=${encodeURIComponent(name)}`, account)
    expect(found.status).toBe(200)
  })
})

/** A quarter of the limit as it arrives, and fifty times the limit unpacked. */
const bomb = gzipSync(Buffer.alloc(50_000_000, ' '), { level: 1 })

describe('a packed body', () => {
  test.each(creations)('is read over %s', async (_transport, path, body) => {
    for (const [encoding, pack] of [
      ['gzip', gzipSync],
      ['GZIP', gzipSync],
      ['deflate', deflateSync],
    ] as const) {
      const packed = pack(bytes(body(`Packed ${encoding}`)))
      for (const sent of [packed, [packed.subarray(0, 10), packed.subarray(10)]]) {
        const answer = await send(path, sent, { 'content-encoding': encoding })
        expect(answer.body).toContain(`Packed ${encoding}`)
      }
    }
  })

  test.each(creations)('is refused over %s when it is not what it says, or not all of it', async (_transport, path, body) => {
    const packed = gzipSync(bytes(body('Whole')))
    for (const sent of [bytes('no gzip'), packed.subarray(0, packed.length - 9), Buffer.concat([packed, bytes('more')])])
      expect(await send(path, sent, { 'content-encoding': 'gzip' })).toMatchObject({
        status: 400,
        body: expect.stringContaining('The body: expected valid gzip'),
      })
  })

  test.each(creations)('is cut off over %s where it is too large, however small it was', async (_transport, path) => {
    const before = process.memoryUsage().rss
    const answers = await Promise.all(Array.from({ length: 4 }, () => send(path, bomb, { 'content-encoding': 'gzip' })))
    for (const answer of answers) expect(answer).toMatchObject({ status: 413, body: expect.stringContaining('BODY_TOO_LARGE') })
    expect(process.memoryUsage().rss - before).toBeLessThan(80_000_000)
  })

  test('of up to 1 MB is read', async () => {
    const body = `{"name":"Large"${' '.repeat(999_000)}}`
    expect((await send('/api/agents', gzipSync(bytes(body)), { 'content-encoding': 'gzip' })).status).toBe(201)
  })

  test.each(['br', 'zstd', 'compress', 'nonsense'])('in the encoding %s is refused with those there are', async (encoding) => {
    for (const [, path, body] of creations) {
      const answer = await send(path, bytes(body('Name')), { 'content-encoding': encoding })
      expect(answer).toMatchObject({ status: 415, body: expect.stringContaining(encoding) })
      expect(answer.headers['accept-encoding']).toBe('gzip, deflate')
    }
  })

  test('in two encodings is refused', async () => {
    const body = gzipSync(gzipSync(bytes('{}')))
    expect(await send('/api/agents', body, { 'content-encoding': 'gzip, gzip' })).toMatchObject({
      status: 400,
      body: expect.stringContaining('one Content-Encoding'),
    })
  })

  test('is no form', async () => {
    const headers = { 'content-type': 'multipart/form-data; boundary=x', 'content-encoding': 'gzip' }
    const answer = await send('/api/files', gzipSync(bytes('--x--\r\n')), headers)
    expect(answer.status).toBe(415)
    expect(answer.headers['accept-encoding']).toBe('identity')
  })

  test('that is not packed may say so', async () => {
    expect((await send('/api/agents', bytes('{"name":"Plain"}'), { 'content-encoding': 'identity' })).status).toBe(201)
  })
})

const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels)

describe('more than a hundred levels are a mistake of the caller', () => {
  const graphql = (variables: string) =>
    `{"query":"mutation ($v: JSON!) { storeMemory(agentId: \\"x\\", values: $v) { saved } }","variables":${variables}}`
  const bodies: [what: string, path: string, body: (deep: string) => string][] = [
    ['REST', '/api/memory', (deep) => `{"agentId":"some","key":"deep","memory":${deep}}`],
    ['REST, all of it', '/api/memory', (deep) => deep],
    ['an action', '/api/agent', (deep) => `{"action":${deep}}`],
    ['/v1', '/v1/chat/completions', (deep) => `{"model":"local/commands","messages":${deep}}`],
    ['the gateway', '/api/v1/gateway', (deep) => `{"plugin":"generate-text","messages":${deep}}`],
    ['tRPC', '/trpc/memory.store', (deep) => `{"agentId":"some","key":"deep","memory":${deep}}`],
    ['tRPC, all of it', '/trpc/memory.store', (deep) => deep],
    ['tRPC, in a batch', '/trpc/memory.store?batch=1', (deep) => `{"0":${deep}}`],
    ['GraphQL, in a variable', '/graphql', (deep) => graphql(`{"v":{"deep":${deep}}}`)],
    ['GraphQL, as the variables', '/graphql', (deep) => graphql(deep)],
    ['GraphQL, as the query', '/graphql', (deep) => `{"query":${deep}}`],
    ['GraphQL, as the name', '/graphql', (deep) => `{"query":"{ version { version } }","operationName":${deep}}`],
    ['GraphQL, all of it', '/graphql', (deep) => deep],
    [
      'GraphQL, in the document',
      '/graphql',
      (deep) => JSON.stringify({ query: `mutation { storeMemory(agentId:"x", values: ${deep}) { saved } }` }),
    ],
  ]

  test.each(bodies)('over %s', async (_what, path, body) => {
    for (const levels of [101, 3_000, 400_000]) {
      const answer = await server.call('POST', path, { key: account.key, body: body(nested(levels)) })
      // GraphQL answers 200 when a field has failed; the error says what it stands for.
      const status = answer.body.errors?.[0].extensions.status ?? answer.status
      expect(status).toBeGreaterThanOrEqual(400)
      expect(status).toBeLessThan(500)
    }
  })

  test.each(['/api/agents', '/trpc/agents.create', '/graphql', '/v1/embeddings'])(
    'a megabyte of them that never close, at %s',
    async (path) => {
      const answer = await server.call('POST', path, { key: account.key, body: '['.repeat(1_000_000) })
      expect(answer.status).toBe(400)
      expect(JSON.stringify(answer.body)).toContain('The body: expected valid JSON')
    },
  )

  test.each([101, 3_000])('in a URL: %i', async (levels) => {
    const deep = nested(levels)
    for (const path of [
      `/trpc/agents.get?input=${deep}`,
      `/trpc/agents.get?batch=1&input={"0":${deep}}`,
      `/graphql?query=query($v:JSON){version{version}}&variables=${deep}`,
      `/graphql?query={version{version}}&extensions=${deep}`,
    ])
      expect((await server.call('GET', path, account)).status, path.slice(0, 40)).toBe(400)
  })

  test.each(['variables', 'extensions'])('and %s in a URL that are no JSON', async (name) => {
    const answer = await server.call('GET', `/graphql?query={version{version}}&${name}=[[[`, account)
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ extensions: { code: 'INVALID_INPUT' } }] } })
  })
})

describe('requests to models carry pictures', () => {
  let provider: TolerantProvider
  let models: TestServer
  let caller: TestAccount
  beforeAll(async () => {
    provider = await startTolerantProvider()
    // Room for 45 MB of large bodies.
    const heap = vi.spyOn(v8, 'getHeapStatistics').mockReturnValue({ ...v8.getHeapStatistics(), heap_size_limit: 360_000_000 })
    models = await startTestServer({ OPENAI_COMPATIBLE_BASE_URL: provider.url })
    heap.mockRestore()
    caller = await models.createAccount()
  })
  afterAll(async () => {
    await models.close()
    await provider.close()
  })

  const CHAT = '/v1/chat/completions'
  const chatWith = (url: string, fields: object = {}) =>
    JSON.stringify({
      model: 'compatible/any',
      messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url } }] }],
      ...fields,
    })
  const post = (path: string, body: string | Uint8Array, headers: Record<string, string> = {}) =>
    fetch(models.url + path, {
      method: 'POST',
      headers: { authorization: `Bearer ${caller.key}`, 'content-type': 'application/json', ...headers },
      body: body as string,
    }).then(async (response) => ({ status: response.status, headers: response.headers, body: await response.json() }))

  test('of up to 32 MB, packed or not', async () => {
    const url = `data:image/png;base64,${'iVBORw0K'.repeat(3_900_000)}`
    const body = chatWith(url)
    for (const sent of [await post(CHAT, body), await post(CHAT, gzipSync(body, { level: 1 }), { 'content-encoding': 'gzip' })])
      expect(sent.status).toBe(200)
    expect(provider.bodies).toHaveLength(2)
    for (const { messages } of provider.bodies)
      expect((messages as { content: [{ image_url: object }] }[])[0]!.content[0].image_url).toEqual({ url })
  })

  test('and are told which limit they are over, wherever it is', async () => {
    const tooMuch = chatWith('x'.repeat(32_000_000))
    const refused = (limitBytes: number) => ({
      code: 'BODY_TOO_LARGE',
      limitBytes,
      message: `The body: expected at most ${limitBytes} bytes.`,
    })
    expect(await post(CHAT, tooMuch)).toMatchObject({ status: 413, body: { error: refused(32_000_000) } })
    const packed = gzipSync(tooMuch, { level: 1 })
    expect(await post(CHAT, packed, { 'content-encoding': 'gzip' })).toMatchObject({ status: 413, body: { error: refused(32_000_000) } })
    const { message: error, ...elsewhere } = refused(1_000_000)
    expect(await post('/api/ai/chat', 'x'.repeat(1_000_001))).toMatchObject({ status: 413, body: { ...elsewhere, error } })
  })

  test('with as many values as a megabyte can have', async () => {
    const empty = (count: number) =>
      `{"model":"compatible/any","messages":[{"role":"user","content":"[[[,,,"}],"odd":[${'[],'.repeat(count)}[]]}`
    expect((await post(CHAT, empty(450_000))).status).toBe(200)
    expect(await post(CHAT, empty(600_000))).toMatchObject({
      status: 413,
      body: { error: { code: 'BODY_TOO_LARGE', message: 'The body: expected at most 1000000 values.' } },
    })
  })

  test('and wait for others when there are too many of them at once', async () => {
    const outgoing = request(models.url + CHAT, {
      method: 'POST',
      headers: { authorization: `Bearer ${caller.key}`, 'content-type': 'application/json', 'content-length': '31000000' },
    })
    outgoing.on('error', () => undefined)
    const isTaken = new Promise<void>((taken) => outgoing.write(Buffer.alloc(30_900_000, ' '), () => taken()))
    await isTaken
    const body = chatWith('x'.repeat(20_000_000))
    const busy = await post(CHAT, body)
    expect(busy).toMatchObject({ status: 503, body: { error: { code: 'TOO_BUSY', type: 'server_error' } } })
    expect(busy.headers.get('retry-after')).toBe('5')
    // What is no larger than elsewhere is let through all the time.
    expect((await post(CHAT, chatWith('x'.repeat(900_000)))).status).toBe(200)
    outgoing.destroy()
    await vi.waitFor(async () => expect((await post(CHAT, body)).status).toBe(200), { timeout: 10_000 })
    // And given back by each that was answered.
    for (let call = 0; call < 4; call++) expect((await post(CHAT, body)).status).toBe(200)
  })
})
