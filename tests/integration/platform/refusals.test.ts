import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestServer, type Answer, type TestAccount, type TestServer } from '../../helpers/test-server.ts'

let server: TestServer
let account: TestAccount
beforeAll(async () => {
  server = await startTestServer({ RATE_LIMIT_SCALE: '1', TRUST_PROXY: 'on' })
  account = await server.createAccount()
})
afterAll(() => server.close())

let addresses = 0
/** An address that has not called yet. */
const freshIp = (): string => `203.0.113.${++addresses}`

interface Mistake {
  method: string
  path: string
  status: number
  limit: number
  body?: () => string
  type?: string
  headers?: Record<string, string>
}

const json = (value: unknown) => () => JSON.stringify(value)
const post = { method: 'POST', status: 400 }

/** What can be wrong with a request long before an operation is called, and which limit it counts against. */
const mistakes: Record<string, Mistake> = {
  'bad JSON': { ...post, path: '/api/register', body: () => '{', limit: 10 },
  'a body that is no object': { ...post, path: '/api/register', body: () => '[]', limit: 10 },
  'bad UTF-8 in a URL': { method: 'GET', path: '/api/agents/%FF', status: 400, limit: 120 },
  'an action there is not': { method: 'GET', path: '/api/agent?action=nope', status: 400, limit: 120, headers: { key: 'yes' } },
  'a method there is not': { method: 'DELETE', path: '/api/register', status: 405, limit: 120 },
  'another type': { ...post, path: '/api/register', body: () => 'a=1', type: 'text/plain', status: 415, limit: 10 },
  'an encoding nobody knows': {
    ...post,
    path: '/api/register',
    body: () => 'x',
    headers: { 'content-encoding': 'zstd' },
    status: 415,
    limit: 120,
  },
  'too large a body': { ...post, path: '/api/register', body: () => 'x'.repeat(1_000_001), status: 413, limit: 120 },
  'a path there is not': { method: 'GET', path: '/api/nothing', status: 404, limit: 120 },
  'a page there is not': { method: 'GET', path: '/nothing', status: 404, limit: 120 },
  'a call from another site': {
    ...post,
    path: '/api/agents',
    body: json({}),
    headers: { origin: 'https://evil.example', cookie: 'yes' },
    status: 403,
    limit: 100,
  },
  'metrics for anybody': { method: 'GET', path: '/metrics', status: 401, limit: 120 },
  'bad JSON under /v1': { ...post, path: '/v1/embeddings', body: () => '{', headers: { key: 'yes' }, limit: 120 },
  'a path there is not under /v1': { method: 'GET', path: '/v1/nothing', status: 404, limit: 120 },
  'bad JSON over tRPC': { ...post, path: '/trpc/accounts.register', body: () => '{', limit: 10 },
  'a procedure there is not': { method: 'GET', path: '/trpc/no.such', status: 404, limit: 120 },
  'a mutation by GET': { method: 'GET', path: '/trpc/accounts.register', status: 405, limit: 120 },
  'another type over tRPC': { ...post, path: '/trpc/accounts.register', body: () => 'a', type: 'text/plain', status: 415, limit: 120 },
  'no GraphQL': { ...post, path: '/graphql', body: json({ query: '{ ' }), limit: 300 },
  'a field there is not': { ...post, path: '/graphql', body: json({ query: '{ nothing }' }), limit: 300 },
  'bad JSON over GraphQL': { ...post, path: '/graphql', body: () => '{', limit: 300 },
  'bad JSON in a query over GraphQL': { method: 'GET', path: '/graphql?query={version{version}}&variables=[', status: 400, limit: 300 },
  'another type over GraphQL': { ...post, path: '/graphql', body: () => 'a', type: 'text/plain', status: 415, limit: 300 },
  'GraphQL from another site': {
    ...post,
    path: '/graphql',
    body: json({}),
    headers: { origin: 'https://evil.example', cookie: 'yes' },
    status: 403,
    limit: 300,
  },
  'too large a body for GraphQL': { ...post, path: '/graphql', body: () => 'x'.repeat(1_000_001), status: 413, limit: 300 },
  'a wrong password': {
    ...post,
    path: '/api/auth/login',
    body: () => JSON.stringify({ email: account.email, password: 'a guess' }),
    status: 401,
    limit: 5,
  },
  // No mistake, but it counts alike.
  'the right password': { ...post, path: '/api/auth/login', body: () => JSON.stringify(account), status: 200, limit: 5 },
}

function make({ method, path, body, type = 'application/json', headers: { key, cookie, ...headers } = {} }: Mistake, ip: string) {
  return server.call(method, path, {
    ...(key ? { key: account.key } : {}),
    ...(cookie ? { cookie: account.cookie } : {}),
    ...(body ? { body: body() } : {}),
    headers: { 'x-forwarded-for': ip, ...(body ? { 'content-type': type } : {}), ...headers },
  })
}

const stateOf = ({ headers }: Answer) => ({
  limit: Number(headers.get('ratelimit-limit')),
  remaining: Number(headers.get('ratelimit-remaining')),
})

describe('what is refused counts', () => {
  test.each(Object.entries(mistakes))('%s', async (_name, mistake) => {
    const ip = freshIp()
    for (const used of [1, 2]) {
      const answer = await make(mistake, ip)
      expect(answer.status).toBe(mistake.status)
      expect(stateOf(answer)).toEqual({ limit: mistake.limit, remaining: mistake.limit - used })
      expect(Number(answer.headers.get('ratelimit-reset'))).toBeGreaterThan(0)
    }
  })
})

describe('and once too much was', () => {
  // One of each way to answer: a hundred requests for each of the others would say no more.
  const samples = [
    'bad JSON',
    'a path there is not',
    'a page there is not',
    'a method there is not',
    'an action there is not',
    'another type',
    'a path there is not under /v1',
    'a procedure there is not',
    'another type over tRPC',
    'no GraphQL',
    'the right password',
  ]

  test.each(samples)('%s gets 429, and word of when to try again', async (name) => {
    const mistake = mistakes[name]!
    const ip = freshIp()
    // All at once: not one more than the limit gets through.
    const answers = await Promise.all(Array.from({ length: mistake.limit + 3 }, () => make(mistake, ip)))
    expect(answers.filter(({ status }) => status === mistake.status)).toHaveLength(mistake.limit)
    const refused = answers.filter(({ status }) => status === 429)
    expect(refused).toHaveLength(3)
    for (const answer of refused) {
      expect(stateOf(answer)).toEqual({ limit: mistake.limit, remaining: 0 })
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
      expect(JSON.stringify(answer.body)).toContain('RATE_LIMITED')
    }
  })

  test('each transport says so in its own form', async () => {
    const details = { retryAfterSeconds: expect.any(Number) }
    const forms: Record<string, unknown> = {
      'a path there is not': { code: 'RATE_LIMITED', error: expect.any(String), ...details },
      'a path there is not under /v1': { error: { code: 'RATE_LIMITED', type: 'rate_limit_error', param: null } },
      'a procedure there is not': { error: { code: -32029, data: { httpStatus: 429, appCode: 'RATE_LIMITED', details } } },
      'no GraphQL': { errors: [{ extensions: { code: 'RATE_LIMITED', status: 429, ...details } }] },
    }
    for (const [name, body] of Object.entries(forms)) {
      const mistake = mistakes[name]!
      const ip = freshIp()
      await Promise.all(Array.from({ length: mistake.limit }, () => make(mistake, ip)))
      expect(await make(mistake, ip)).toMatchObject({ status: 429, body })
    }
  })

  test('calls that are right are refused too, and those of others are not', async () => {
    const ip = freshIp()
    await Promise.all(Array.from({ length: 120 }, () => make(mistakes['a path there is not']!, ip)))
    const version = (from: string) => server.call('GET', '/api/version', { headers: { 'x-forwarded-for': from } })
    expect((await version(ip)).status).toBe(429)
    expect((await version(freshIp())).status).toBe(200)
  })
})

test('a mistake counts for the account and the key that make it', async () => {
  const { body: slow } = await server.call('POST', '/api/keys', { cookie: account.cookie, body: { name: 'slow', rateLimit: 2 } })
  const wrong = () => server.call('POST', '/api/agents', { key: slow.key, body: '{', headers: { 'x-forwarded-for': freshIp() } })
  expect(stateOf(await wrong())).toEqual({ limit: 2, remaining: 1 })
  expect((await wrong()).status).toBe(400)
  expect((await wrong()).status).toBe(429)
  const agents = await server.call('GET', '/api/agents', { key: account.key })
  expect(stateOf(agents)).toEqual({ limit: 100, remaining: 96 })
})
