import { request } from 'node:http'
import { deflateSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
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
