import { request } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { operations } from '../../../server/operations.ts'
import { callGraphql } from '../../contract/graphql-transport.ts'
import { callTrpc } from '../../contract/trpc-transport.ts'
import { withEnv } from '../../contract/with-env.ts'
import { startTestServer, type TestAccount, type TestServer } from '../../helpers/test-server.ts'

let server: TestServer
let account: TestAccount
beforeAll(async () => {
  server = await startTestServer({ CORS_ORIGINS: 'https://app.example.org, https://other.example.org' })
  account = await server.createAccount()
})
afterAll(() => server.close())

describe('pages of other sites', () => {
  const preflight = { 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization, content-type' }

  test('may call the API when the operator says so, without cookies', async () => {
    for (const origin of ['https://app.example.org', 'https://other.example.org']) {
      const allowed = await server.call('OPTIONS', '/api/agents', { headers: { origin, ...preflight } })
      expect(allowed.status).toBe(204)
      expect(allowed.headers.get('access-control-allow-origin')).toBe(origin)
      expect(allowed.headers.get('access-control-allow-headers')).toMatch(/authorization.*idempotency-key/i)
      const answer = await server.call('GET', '/api/settings', { key: account.key, headers: { origin } })
      expect(answer).toMatchObject({ status: 200 })
      expect(answer.headers.get('access-control-allow-origin')).toBe(origin)
      for (const header of ['X-Request-Id', 'X-Agentbot-Provider'])
        expect(answer.headers.get('access-control-expose-headers')).toContain(header)
      for (const { headers } of [allowed, answer]) expect(headers.has('access-control-allow-credentials')).toBe(false)
    }
  })

  const allowedFor = async (asked: string, origin = 'https://app.example.org') => {
    const headers = { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': asked }
    const answer = await server.call('OPTIONS', '/v1/chat/completions', { headers })
    expect(answer.status).toBe(204)
    return answer.headers
  }

  test('may send the headers they ask for', async () => {
    const asked = ['x-stainless-lang', 'x-stainless-retry-count', 'openai-organization', 'anthropic-version']
    const headers = await allowedFor(`authorization,${asked.join(',')}, ${asked[0]!.toUpperCase()}`)
    const allowed = headers.get('access-control-allow-headers')!.split(', ')
    expect(allowed.slice(-4)).toEqual(asked)
    expect(allowed.filter((name) => name.toLowerCase() === 'authorization')).toHaveLength(1)
    expect(headers.get('vary')).toBe('Origin, Access-Control-Request-Headers')
    expect((await allowedFor('x-stainless-lang', 'https://evil.example')).has('access-control-allow-headers')).toBe(false)
  })

  test('but no names that are none, and not any number of them', async () => {
    const standard = (await allowedFor('')).get('access-control-allow-headers')!.split(', ')
    const odd = (await allowedFor(`x y, x:y, "x", x=1, é, ${'x'.repeat(101)}, *, x-good`)).get('access-control-allow-headers')!
    expect(odd.split(', ').slice(standard.length)).toEqual(['x-good'])
    const many = (await allowedFor(Array.from({ length: 500 }, (_, index) => `x-${index}`).join())).get('access-control-allow-headers')!
    expect(many.split(', ')).toHaveLength(standard.length + 50)
  })

  test.each(['https://evil.example', 'https://app.example.org.evil.example', 'http://app.example.org', 'null'])(
    'may not otherwise: %s',
    async (origin) => {
      for (const answer of [
        await server.call('OPTIONS', '/api/agents', { headers: { origin, ...preflight } }),
        await server.call('GET', '/api/agents', { headers: { origin } }),
        await server.call('GET', '/api/nothing', { headers: { origin } }),
      ]) {
        expect(answer.headers.has('access-control-allow-origin')).toBe(false)
        expect(answer.headers.get('vary')).toContain('Origin')
      }
    },
  )

  const foreign: Record<string, string>[] = [
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { origin: 'https://app.example.org' },
  ]

  test.each(foreign)('cannot use the session cookie to change something: %j', async (headers) => {
    const { cookie } = account
    const refused = { status: 403, code: 'CROSS_SITE_REQUEST' }
    for (const [method, path, body] of [
      ['POST', '/api/agents', { name: 'Planted' }],
      ['PATCH', '/api/settings', { name: 'Planted' }],
      ['DELETE', '/api/agents/some', undefined],
      ['POST', '/api/auth/signout', undefined],
    ] as const) {
      const answer = await server.call(method, path, { cookie, headers, ...(body ? { body } : {}) })
      expect(answer).toMatchObject({ status: 403, body: { code: 'CROSS_SITE_REQUEST' } })
    }
    expect(await callTrpc(server, operations.agents.create, { name: 'Planted' }, { cookie, headers })).toMatchObject(refused)
    expect(await callGraphql(server, operations.agents.create, { name: 'Planted' }, { cookie, headers })).toMatchObject(refused)
    expect(JSON.stringify((await server.call('GET', '/api/agents', { cookie })).body)).not.toContain('Planted')
  })

  test.each(foreign.slice(0, 4))('cannot sign a browser in: %j', async (headers) => {
    const { email, password } = account
    const answer = await server.call('POST', '/api/auth/login', { body: { email, password }, headers })
    expect(answer).toMatchObject({ status: 403, body: { code: 'CROSS_SITE_REQUEST' } })
    expect(answer.headers.has('set-cookie')).toBe(false)
  })

  test('cannot change anything with a GET', async () => {
    const { cookie } = account
    const query = new URLSearchParams({ query: 'mutation { createAgent(name: "Planted") { id } }' })
    const headers = { origin: 'https://evil.example' }
    expect((await server.call('GET', `/graphql?${query}`, { cookie, headers })).body.data).toBeUndefined()
    expect((await server.call('GET', '/trpc/agents.create?input={"name":"Planted"}', { cookie, headers })).status).toBe(405)
    expect(JSON.stringify((await server.call('GET', '/api/agents', { cookie })).body)).not.toContain('Planted')
  })

  test('cannot have something done by a subscription with GET', async () => {
    const { cookie, key } = account
    const { body } = await server.call('POST', '/api/agents/provision', { key, body: { name: 'Listener' } })
    const query = new URLSearchParams({
      query: `subscription { messageStream(agentId: "${body.agent.id}", message: "Planted") { __typename } }`,
    })
    const answer = await server.call('GET', `/graphql?${query}`, { cookie, headers: { accept: 'text/event-stream' } })
    expect(answer.body).toContain('METHOD_NOT_ALLOWED')
    expect(JSON.stringify((await server.call('GET', '/api/chat', { key })).body)).not.toContain('Planted')
    // What only reads goes on by GET.
    const watching = await fetch(`${server.url}/graphql?query=subscription{agentEvents{__typename}}`, {
      headers: { cookie, accept: 'text/event-stream' },
    })
    expect(new TextDecoder().decode((await watching.body!.getReader().read()).value)).toContain('event: next')
  })

  describe('and subscriptions of tRPC', () => {
    /** What `chat.stream` answers to a GET with these headers, as an EventSource or whatever else has a browser send one. */
    async function connect(headers: Record<string, string>): Promise<string> {
      const { body } = await server.call('POST', '/api/agents/provision', { key: account.key, body: { name: 'Listener' } })
      const input = JSON.stringify({ agentId: body.agent.id, message: 'Planted' })
      return (await server.call('GET', `/trpc/chat.stream?${new URLSearchParams({ input })}`, { headers })).body
    }
    const events = { accept: 'text/event-stream' }
    const scripted = { ...events, 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' }
    const link = { accept: 'text/html,*/*;q=0.8', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }

    test.each<[string, (own: string) => Record<string, string>]>([
      ['an EventSource of another site', () => ({ ...scripted, origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' })],
      ['an EventSource of a neighbour', () => ({ ...scripted, origin: 'http://localhost:1', 'sec-fetch-site': 'same-site' })],
      [
        'a fetch of another site that asks for events',
        () => ({ ...scripted, 'sec-fetch-mode': 'no-cors', 'sec-fetch-site': 'cross-site' }),
      ],
      ['a link on another site', () => ({ ...link, 'sec-fetch-site': 'cross-site' })],
      ['a link on a page of this site', (own) => ({ ...link, 'sec-fetch-site': 'same-origin', referer: `${own}/agents` })],
      ['an address that was typed', () => ({ ...link, 'sec-fetch-site': 'none' })],
      ['an image on a page of this site', () => ({ accept: 'image/*', 'sec-fetch-dest': 'image', 'sec-fetch-site': 'same-origin' })],
      ['a frame that asks for events', () => ({ ...events, 'sec-fetch-dest': 'iframe', 'sec-fetch-site': 'same-origin' })],
      ['an old browser, from a page without a name', () => ({ ...events })],
      ['an old browser, from another site', () => ({ ...events, referer: 'https://evil.example/' })],
      ['an old browser, from a site of a similar name', (own) => ({ ...events, referer: `${own}.evil.example/` })],
      ['an old browser, by a link on a page of this site', (own) => ({ accept: '*/*', referer: `${own}/agents` })],
      ['an origin that is kept secret', () => ({ ...events, origin: 'null' })],
    ])('cannot have a message sent with the cookie: %s', async (_, headers) => {
      expect(await connect({ cookie: account.cookie, ...headers(server.url) })).toMatch(/METHOD_NOT_ALLOWED|CROSS_SITE_REQUEST/)
      expect(JSON.stringify((await server.call('GET', '/api/chat', { key: account.key })).body)).not.toContain('Planted')
    })

    test.each<[string, (own: string) => Record<string, string>]>([
      ['an EventSource of this site', () => ({ cookie: account.cookie, ...scripted, 'sec-fetch-site': 'same-origin' })],
      ['one over plain HTTP, where browsers say less', (own) => ({ cookie: account.cookie, ...events, referer: `${own}/agents` })],
      ['a client with a key', () => ({ authorization: `Bearer ${account.key}`, ...events })],
    ])('are left to %s', async (_, headers) => {
      expect(await connect(headers(server.url))).toContain('"type":"done"')
    })
  })

  test('leave calls of this site, of clients that are no browsers, and of keys alone', async () => {
    const { cookie, key } = account
    const body = { name: 'Welcome' }
    const own = { origin: server.url }
    const harmless: Record<string, string>[] = [own, { ...own, 'sec-fetch-site': 'same-origin' }, { 'sec-fetch-site': 'none' }, {}]
    for (const headers of harmless) {
      expect((await server.call('POST', '/api/agents', { cookie, body, headers })).status).toBe(201)
    }
    expect((await server.call('POST', '/api/agents', { key, body, headers: { origin: 'https://evil.example' } })).status).toBe(201)
  })
})

describe('a name that is not that of the server', () => {
  /** A call by another name; `fetch` does not let the name be chosen. */
  const callAs = (host: string, method: string, headers: Record<string, string>): Promise<{ status: number; body: string }> =>
    new Promise((resolve, reject) => {
      const outgoing = request(`${server.url}/api/agents`, { method, headers: { host, ...headers } }, (incoming) => {
        let body = ''
        incoming.setEncoding('utf8').on('data', (text: string) => (body += text))
        incoming.once('end', () => resolve({ status: incoming.statusCode!, body }))
      })
      outgoing.once('error', reject)
      outgoing.end()
    })

  test('is refused for whoever is signed in, and for pages; keys and health checks may use it', async () => {
    const { cookie, key } = account
    const refused = { status: 403, body: expect.stringContaining('UNKNOWN_HOST') }
    for (const host of ['evil.example', 'evil.example:3000', 'localhost.evil.example', '192.168.1.5:3000', '127.0.0.1.evil.example']) {
      expect(await callAs(host, 'GET', { cookie }), host).toMatchObject(refused)
      expect(await callAs(host, 'POST', { origin: `http://${host}` }), host).toMatchObject(refused)
      expect((await callAs(host, 'GET', { authorization: `Bearer ${key}` })).status, host).toBe(200)
      expect((await callAs(host, 'GET', {})).status, host).toBe(200)
    }
    for (const host of ['localhost:9', '127.0.0.1', '127.0.0.2:80', '[::1]:3000', 'app.localhost'])
      expect((await callAs(host, 'GET', { cookie })).status, host).toBe(200)
  })

  test('is not its own with another scheme', async () => {
    const { cookie } = account
    const origin = 'https://bots.example.org'
    await withEnv(server, { APP_URL: origin, TRUST_PROXY: 'on' }, async () => {
      expect((await callAs('bots.example.org', 'GET', { cookie })).status).toBe(200)
      expect((await callAs('inside:3000', 'GET', { cookie, 'x-forwarded-host': 'bots.example.org' })).status).toBe(200)
      expect((await callAs('bots.example.org', 'GET', { cookie, 'x-forwarded-host': 'bots.example.org, evil.example' })).status).toBe(403)
      // 400: it is let in, and its body is empty.
      expect((await callAs('bots.example.org', 'POST', { cookie, origin })).status).toBe(400)
      for (const other of ['http://bots.example.org', 'https://bots.example.org:8443', 'https://evil.bots.example.org'])
        expect((await callAs('bots.example.org', 'POST', { cookie, origin: other })).status, other).toBe(403)
      const local = { cookie, origin: 'http://localhost:3000' }
      expect((await callAs('localhost:3000', 'POST', local)).status).toBe(400)
      expect((await callAs('localhost:3000', 'POST', { ...local, 'x-forwarded-proto': 'https' })).status).toBe(403)
    })
  })
})

test('every answer tells browsers not to guess types, frame it or send it on', async () => {
  for (const path of ['/api/health', '/api/nothing', '/graphql', '/trpc/system.health', '/a-page']) {
    const { headers } = await server.call('GET', path)
    expect(headers.get('x-content-type-options'), path).toBe('nosniff')
    expect(headers.get('x-frame-options'), path).toBe('DENY')
    expect(headers.get('referrer-policy'), path).toBe('strict-origin-when-cross-origin')
    expect(headers.has('x-powered-by'), path).toBe(false)
  }
  expect((await server.call('GET', '/a-page')).headers.get('content-security-policy')).toMatch(/script-src 'self' 'nonce-[^']+'/)
})
