import { getIntrospectionQuery } from 'graphql'
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

interface Request {
  query?: unknown
  variables?: unknown
  operationName?: string
}

const post = (body: Request | Request[], { ip = freshIp(), headers = {} }: { ip?: string; headers?: Record<string, string> } = {}) =>
  server.call('POST', '/graphql', { key: account.key, body, headers: { 'x-forwarded-for': ip, ...headers } })

const codesOf = ({ body }: Answer): string[] => body.errors.map(({ extensions }: { extensions: { code: string } }) => extensions.code)
const stateOf = ({ headers }: Answer) => ({
  limit: Number(headers.get('ratelimit-limit')),
  remaining: Number(headers.get('ratelimit-remaining')),
})

describe('variables of a wrong type are a mistake of the caller:', () => {
  const wrong: [what: string, query: string, variables: Record<string, unknown>][] = [
    ['an object for an id', 'query ($id: ID!) { agent(agentId: $id) { id } }', { id: { a: 1 } }],
    ['nothing for an id', 'query ($id: ID!) { agent(agentId: $id) { id } }', {}],
    ['null for an id', 'query ($id: ID!) { agent(agentId: $id) { id } }', { id: null }],
    ['a text for a number', 'query ($n: Int) { messages(first: $n) { totalCount } }', { n: 'x' }],
    ['a number that is too large', 'query ($n: Int) { messages(first: $n) { totalCount } }', { n: 1e20 }],
    ['nothing for a condition', 'query ($a: Boolean!) { version { version @skip(if: $a) } }', {}],
    ['a list for a text, in a mutation', 'mutation ($n: String!) { createAgent(name: $n) { id } }', { n: ['a'] }],
    [
      'a list for an id, in one of two operations',
      'query A { version { version } } query B($id: ID!) { agent(agentId: $id) { id } }',
      { id: [[]] },
    ],
  ]
  test.each(wrong)('%s', async (_what, query, variables) => {
    for (const accept of ['application/json', 'application/graphql-response+json']) {
      const answer = await post({ query, variables, ...(query.includes('query B') ? { operationName: 'B' } : {}) }, { headers: { accept } })
      expect(answer).toMatchObject({ status: 400, body: { errors: [{ extensions: { code: 'GRAPHQL_INVALID', status: 400 } }] } })
      expect(answer.body.errors[0].message).toMatch(/^Variable "\$\w+"/)
    }
  })

  test('a number for a text, in a subscription', async () => {
    const query = 'subscription ($id: ID!) { agentLogStream(agentId: $id) { __typename } }'
    const { body } = await post({ query, variables: { id: [] } }, { headers: { accept: 'text/event-stream' } })
    expect(body).toContain('"code":"GRAPHQL_INVALID","status":400')
  })

  test('with 20 problems at most', async () => {
    const variables = { ids: Array.from({ length: 50_000 }, () => []) }
    const answer = await post({ query: 'mutation ($ids: [String!]) { createApiKey(name: "a", scopes: [], x: $ids) { id } }', variables })
    expect(answer.status).toBe(400)
    expect(answer.body.errors.length).toBeLessThanOrEqual(21)
  })
})

describe('a request that is refused as a whole', () => {
  test.each([
    ['a text that is no GraphQL', '{ ', 'GRAPHQL_PARSE_FAILED'],
    ['a field there is not', '{ nothing }', 'GRAPHQL_VALIDATION_FAILED'],
    ['too many fields', `{ ${'version { version } '.repeat(21)} }`, 'DOCUMENT_TOO_COMPLEX'],
    [
      'a query that would cost too much',
      '{ me { agents(first: 100) { edges { node { messages(first: 100) { edges { node { content } } } } } } } }',
      'GRAPHQL_INVALID',
    ],
  ])('has the status of its error: %s', async (_what, query, code) => {
    const answer = await post({ query })
    expect(codesOf(answer)).toEqual([code])
    expect(answer.body.errors[0].extensions.status).toBe(400)
  })

  test('names 20 problems at most', async () => {
    const fields = Array.from({ length: 100 }, (_, index) => `no${index}`).join(' ')
    const answer = await post({ query: `{ me { ${fields} } }` })
    expect(answer.status).toBe(400)
    expect(answer.body.errors).toHaveLength(20)
    expect(answer.body.errors.at(-1).message).toMatch(/^Too many/)
  })

  test('because its document is over 64 kB is 413', async () => {
    const answer = await post({ query: `# ${'x'.repeat(64_000)}\n{ me { name } }` })
    expect(answer).toMatchObject({
      status: 413,
      body: { errors: [{ extensions: { code: 'DOCUMENT_TOO_LARGE', limit: 'bytes', max: 64_000 } }] },
    })
  })

  test('because it is a batch is 400', async () => {
    expect((await post([{ query: '{ version { version } }' }])).status).toBe(400)
  })
})

describe('a document', () => {
  test('of 64 kB is answered', async () => {
    const query = '{ version { version } } #'
    const answer = await post({ query: query + 'x'.repeat(64_000 - query.length) })
    expect(answer).toMatchObject({ status: 200, body: { data: { version: {} } } })
  })

  test('with several operations runs the one that is asked for, each time', async () => {
    const query = 'query A { version { version } } query B { health { status } }'
    for (const operationName of ['A', 'B', 'A']) {
      const { body } = await post({ query, operationName })
      expect(Object.keys(body.data)).toEqual([operationName === 'A' ? 'version' : 'health'])
    }
  })

  test('that tools read the schema with is answered', async () => {
    const { status, body } = await post({ query: getIntrospectionQuery({ oneOf: true, inputValueDeprecation: true }) })
    expect(status).toBe(200)
    // oxlint-disable-next-line no-underscore-dangle -- what GraphQL calls it
    expect(body.data.__schema.types.length).toBeGreaterThan(100)
  })
})

describe('requests to /graphql', () => {
  test('count for the address they come from, valid or not, signed in or not', async () => {
    const ip = freshIp()
    const invalid = await post({ query: '{' }, { ip })
    expect(stateOf(invalid)).toEqual({ limit: 300, remaining: 299 })
    await post({ query: '{ nothing }' }, { ip })
    await post({ query: '{ version { version } }' }, { ip })
    await server.call('POST', '/graphql', { body: 'null', headers: { 'x-forwarded-for': ip } })
    await server.call('GET', '/graphql?query={nothing}', { headers: { 'x-forwarded-for': ip } })
    expect(stateOf(await post({ query: '{' }, { ip }))).toEqual({ limit: 300, remaining: 294 })
    expect(stateOf(await post({ query: '{' })).remaining).toBe(299)
  })

  test('over the limit are 429 with the time to wait', async () => {
    const ip = freshIp()
    await Promise.all(Array.from({ length: 300 }, () => post({ query: '{' }, { ip })))
    const refused = await post({ query: '{ version { version } }' }, { ip })
    expect(refused.status).toBe(429)
    expect(codesOf(refused)).toEqual(['RATE_LIMITED'])
    expect(stateOf(refused).remaining).toBe(0)
    const wait = Number(refused.headers.get('retry-after'))
    expect(wait).toBeGreaterThan(0)
    expect(wait).toBe(refused.body.errors[0].extensions.retryAfterSeconds)
  })

  test('that a browser makes get the playground, with a policy that lets in its own script only', async () => {
    const page = await server.call('GET', '/graphql', { headers: { accept: 'text/html', 'x-forwarded-for': freshIp() } })
    expect(page.status).toBe(200)
    const policy = page.headers.get('content-security-policy')
    expect(policy).toMatch(/default-src 'none'; script-src 'sha256-[\w+/=]+';/)
    expect(policy).toContain("frame-ancestors 'none'")
    expect(page.body).toContain('Agentbot GraphQL')
  })
})
