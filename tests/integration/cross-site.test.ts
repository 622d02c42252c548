import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { operations } from '../../server/operations.ts'
import { callGraphql } from '../contract/graphql-door.ts'
import { callTrpc } from '../contract/trpc-door.ts'
import { startTestServer, type TestAccount, type TestServer } from '../helpers/test-server.ts'

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
      expect(answer.headers.get('access-control-expose-headers')).toContain('X-Request-Id')
      for (const { headers } of [allowed, answer]) expect(headers.has('access-control-allow-credentials')).toBe(false)
    }
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
