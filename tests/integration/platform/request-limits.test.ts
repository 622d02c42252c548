import { request } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { maxItemsOf } from '../../../server/platform/core/list-limits.ts'
import type { Operation } from '../../../server/platform/operations/operation.ts'
import { operations } from '../../../server/operations.ts'
import { startTestServer, type TestAccount, type TestServer } from '../../helpers/test-server.ts'

let server: TestServer
let account: TestAccount
beforeAll(async () => {
  server = await startTestServer()
  account = await server.createAccount()
})
afterAll(() => server.close())

/** Sends the headers of a request and never its body; answers the status and what was said. */
function withoutBody(method: string, path: string, headers: Record<string, string>): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const outgoing = request(server.url + path, { method, headers: { ...headers, 'transfer-encoding': 'chunked' } })
    outgoing.on('error', reject)
    outgoing.on('response', (incoming) => {
      let body = ''
      incoming.setEncoding('utf8').on('data', (text: string) => (body += text))
      incoming.once('end', () => {
        outgoing.destroy()
        resolve({ status: incoming.statusCode!, body })
      })
    })
    outgoing.flushHeaders()
  })
}

describe('whoever may not call is refused before the body arrives', () => {
  const json = { 'content-type': 'application/json' }
  const form = { 'content-type': 'multipart/form-data; boundary=x' }

  test.each([
    ['POST', '/api/files', form],
    ['DELETE', '/api/files', form],
    ['POST', '/api/agents', json],
    ['POST', '/api/memory', json],
    ['POST', '/api/agent', json],
    ['POST', '/api/chat', json],
    ['POST', '/v1/chat/completions', json],
    ['POST', '/trpc/agents.create', json],
  ])('%s %s', async (method, path, headers) => {
    expect(await withoutBody(method, path, headers)).toMatchObject({ status: 401 })
    expect(await withoutBody(method, path, { ...headers, authorization: `Bearer sk_${'0'.repeat(43)}` })).toMatchObject({ status: 401 })
  })

  test('over GraphQL, as far as that can be known', async () => {
    const headers = { ...json, cookie: account.cookie, origin: 'https://evil.example' }
    expect(await withoutBody('POST', '/graphql', headers)).toMatchObject({
      status: 403,
      body: expect.stringContaining('CROSS_SITE_REQUEST'),
    })
  })

  test('and a path there is not is said so', async () => {
    expect(await withoutBody('POST', '/api/nothing', json)).toMatchObject({ status: 404 })
  })
})

test('only uploads may be larger than other bodies', async () => {
  const big = `--x\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\n${'x'.repeat(1_100_000)}\r\n--x--\r\n`
  const headers = { 'content-type': 'multipart/form-data; boundary=x' }
  const send = (method: string) => server.call(method, '/api/files', { key: account.key, headers, body: big })
  expect(await send('DELETE')).toMatchObject({ status: 413, body: { code: 'BODY_TOO_LARGE' } })
  expect(await send('POST')).toMatchObject({ status: 400, body: { fields: [{ field: 'agentId' }] } })
})

describe('an answer to a wrong input stays small', () => {
  const empty = (count: number) => Array.from({ length: count }, () => ({}))

  test('300,000 empty messages are counted, not looked at', async () => {
    for (const [path, body] of [
      ['/api/v1/gateway', { plugin: 'generate-text', messages: empty(300_000) }],
      ['/v1/chat/completions', { model: 'local/commands', messages: empty(300_000) }],
      ['/api/ai/chat', { messages: empty(300_000) }],
    ] as const) {
      const answer = await server.call('POST', path, { key: account.key, body })
      expect(answer.status, path).toBe(400)
      const text = JSON.stringify(answer.body)
      expect(text, path).toMatch(/messages: expected at most \d+ items/)
      expect(text.length, path).toBeLessThan(1000)
    }
  })

  test('of more than twenty problems the rest is counted, through every transport', async () => {
    const body = { name: 'x', config: { tools: Array.from({ length: 60 }, () => 'x'.repeat(65)) } }
    const expected = { fields: expect.objectContaining({ length: 20 }), moreProblems: 40 }
    const overRest = await server.call('POST', '/api/agents', { key: account.key, body })
    expect(overRest).toMatchObject({ status: 400, body: { ...expected, error: expect.stringMatching(/; and 40 more$/) } })
    const overTrpc = await server.call('POST', '/trpc/agents.create', { key: account.key, body })
    expect(overTrpc).toMatchObject({ status: 400, body: { error: { data: { details: expected } } } })
    const query = 'mutation ($name: String!, $config: JSON) { createAgent(name: $name, config: $config) { id } }'
    const overGraphql = await server.graphql(query, body, account)
    expect(overGraphql.body.errors).toMatchObject([{ extensions: { code: 'INVALID_INPUT', ...expected } }])
  })

  test('300,000 empty messages are told of twenty times over GraphQL', async () => {
    const query = 'mutation ($messages: [TextMessageInput!]!) { aiChat(messages: $messages) { id } }'
    const { status, body } = await server.graphql(query, { messages: empty(300_000) }, account)
    expect(status).toBe(400)
    expect(body.errors.length).toBeLessThanOrEqual(20)
    expect(JSON.stringify(body).length).toBeLessThan(100_000)
  })

  test('a query can be wrong in many ways, and is told twenty', async () => {
    const query = 'mutation ($scopes: [KeyScope!]) { createApiKey(name: "k", scopes: $scopes) { id } }'
    const { body } = await server.graphql(query, { scopes: Array.from({ length: 50_000 }, () => 7) }, account)
    expect(body.errors.length).toBeLessThanOrEqual(20)
    expect(JSON.stringify(body).length).toBeLessThan(100_000)
  })

  test('texts nobody can store and keys nobody sent are named up to twenty times, and not in full', async () => {
    const config = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`key${index}`, '\0']))
    const answer = await server.call('POST', '/api/agents', { key: account.key, body: { name: 'x', config } })
    expect(answer).toMatchObject({ status: 400, body: { fields: { length: 20 }, moreProblems: 980 } })
    const long = await server.call('POST', '/api/agents', {
      key: account.key,
      body: { name: 'x', config: { [`\0${'x'.repeat(500_000)}`]: 1 } },
    })
    expect(JSON.stringify(long.body).length).toBeLessThan(3000)
  })

  test('more than a hundred levels are refused by the name of the field', async () => {
    const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels)
    for (const levels of [101, 400_000]) {
      const body = `{"agentId":"some","key":"deep","memory":${nested(levels)}}`
      const answer = await server.call('POST', '/api/memory', { key: account.key, body })
      expect(answer).toMatchObject({ status: 400, body: { code: 'INVALID_INPUT' } })
      expect(answer.body.error).toMatch(/memory\..*expected at most 100 levels/)
    }
    const variables = { values: { deep: JSON.parse(nested(400)) } }
    const query = 'mutation ($values: JSON!) { storeMemory(agentId: "some", values: $values) { saved } }'
    expect((await server.graphql(query, variables, account)).body.errors).toMatchObject([{ extensions: { code: 'INVALID_INPUT' } }])
  })
})

/** Where the schema has lists without a bound, by their path. */
function unbounded(schema: Operation['input'], path: string): string[] {
  const def = schema.def as unknown as {
    type: string
    innerType?: Operation['input']
    in?: Operation['input']
    element?: Operation['input']
    shape?: Record<string, Operation['input']>
    valueType?: Operation['input']
    options?: Operation['input'][]
  }
  const inside = [
    ...[def.innerType, def.in, def.element, def.valueType].filter((inner) => inner !== undefined).map((inner) => [path, inner] as const),
    ...(def.options ?? []).map((option) => [path, option] as const),
    ...Object.entries(def.shape ?? {}).map(([name, field]) => [`${path}.${name}`, field] as const),
  ]
  const own = def.type === 'array' && maxItemsOf(schema) === undefined ? [path] : []
  return [...own, ...inside.flatMap(([where, inner]) => unbounded(inner, where))]
}

test('every list of every input has a limit', () => {
  const all = Object.values(operations).flatMap((domain) => Object.values(domain) as Operation[])
  expect(all.flatMap(({ name, input }) => unbounded(input, name))).toEqual([])
})

describe('what a stranger sends costs no query for long', () => {
  test('keys and sessions nobody has are refused once an address has sent too many', async () => {
    const strict = await startTestServer({ RATE_LIMIT_SCALE: '0.1', TRUST_PROXY: 'on' })
    const owner = await strict.createAccount()
    const from = (ip: string, headers: Record<string, string>) =>
      strict.call('GET', '/metrics', { headers: { 'x-forwarded-for': ip, ...headers } })
    const answers = await Promise.all(
      Array.from({ length: 60 }, (_, index) =>
        from('203.0.113.9', index % 2 ? { authorization: `Bearer sk_unknown${index}` } : { cookie: `agentbot-session=unknown${index}` }),
      ),
    )
    // Of those that were looked up, only so many are told what was wrong with them.
    const refused = answers.filter(({ status, headers }) => status === 429 && headers.get('ratelimit-limit') === '30')
    expect(refused).toHaveLength(30)
    expect(refused[0]).toMatchObject({ body: { code: 'RATE_LIMITED', retryAfterSeconds: expect.any(Number) } })
    expect(refused[0]!.headers.get('retry-after')).toBe(String(refused[0]!.body.retryAfterSeconds))
    // Others, and those who are known, go on.
    expect((await from('203.0.113.10', { authorization: `Bearer ${owner.key}` })).status).not.toBe(429)
    await strict.close()
  })

  test('not even when all of it comes at once', async () => {
    const strict = await startTestServer({ RATE_LIMIT_SCALE: '0.1' })
    let queries = 0
    const { databases } = strict.platform
    databases.system = databases.system.withPlugin({
      transformQuery: ({ node }) => node,
      transformResult: async ({ result }) => {
        queries += 1
        return result
      },
    })
    const send = (index: number) => strict.call('GET', '/metrics', { headers: { authorization: `Bearer sk_unknown${index}` } })
    await Promise.all(Array.from({ length: 60 }, (_, index) => send(index)))
    // One for each that may be tried, and what the server may have asked by itself meanwhile.
    expect(queries).toBeGreaterThanOrEqual(30)
    expect(queries).toBeLessThan(40)
    await strict.close()
  })
})
