import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestServer, type TestAccount, type TestServer } from '../../helpers/test-server.ts'

let server: TestServer
let account: TestAccount
beforeAll(async () => {
  server = await startTestServer()
  account = await server.createAccount()
  await server.call('POST', '/api/agents/provision', { key: account.key, body: { name: 'Clerk', config: { model: 'local/commands' } } })
})
afterAll(() => server.close())

const typeOf = ({ headers }: { headers: Headers }) => headers.get('content-type')?.split(';')[0]
const ask = (method: string, path: string, accept: string, body?: unknown) =>
  server.call(method, path, { key: account.key, headers: { accept, 'sec-fetch-dest': 'empty' }, ...(body === undefined ? {} : { body }) })

const EVENTS = 'text/event-stream'

describe('Accept is read with its weights, in any case', () => {
  test.each<[accept: string, type: string]>([
    ['Text/Event-Stream', EVENTS],
    ['application/json;q=0.1, text/event-stream', EVENTS],
    ['text/event-stream;q=0', 'application/json'],
    ['application/json, text/event-stream;q=0.1', 'application/json'],
  ])('by a call that can stream: %s', async (accept, type) => {
    const answer = await ask('POST', '/api/chat', accept, { message: 'help' })
    expect([answer.status, typeOf(answer)]).toEqual([200, type])
  })

  const query = { query: '{ version { version } }' }
  test.each<[accept: string, type: string]>([
    ['Application/JSON', 'application/json'],
    ['application/json;q=0.5, application/graphql-response+json', 'application/graphql-response+json'],
    ['application/graphql-response+json;q=0.5, application/json', 'application/json'],
    ['application/json, text/event-stream', 'application/json'],
    ['application/json;q=0.1, text/event-stream', EVENTS],
    ['text/event-stream;q=0, application/json', 'application/json'],
  ])('by GraphQL: %s', async (accept, type) => {
    const answer = await ask('POST', '/graphql', accept, query)
    expect([answer.status, typeOf(answer)]).toEqual([200, type])
  })

  test.each<[accept: string, type: string]>([
    ['TEXT/HTML', 'text/html'],
    ['text/html, */*;q=0.8', 'text/html'],
    ['application/json, text/html;q=0.5', 'application/json'],
    ['text/html;q=0, application/json', 'application/json'],
  ])('by the page for people: %s', async (accept, type) => {
    expect(typeOf(await ask('GET', '/graphql?query={version{version}}', accept))).toBe(type)
  })
})

describe.each([
  ['/graphql', '/graphql?query={version{version}}', '/graphql?query={nothing}'],
  ['/trpc', '/trpc/system.version', '/trpc/no.such'],
])('%s', (_name, good, bad) => {
  test('answers HEAD as GET, without a body', async () => {
    for (const path of [good, bad]) {
      const [head, get] = [await server.call('HEAD', path, account), await server.call('GET', path, account)]
      expect(head).toMatchObject({ status: get.status, body: '' })
      expect(typeOf(head)).toBe(typeOf(get))
    }
  })

  test('says to OPTIONS which methods it takes', async () => {
    const answer = await server.call('OPTIONS', good)
    expect(answer).toMatchObject({ status: 204, body: '' })
    expect(answer.headers.get('allow')).toBe('GET, HEAD, POST, OPTIONS')
  })
})

test('HEAD begins no stream, which would do something', async () => {
  const input = encodeURIComponent(JSON.stringify({ message: 'unsaid' }))
  const answer = await server.call('HEAD', `/trpc/chat.stream?input=${input}`, { key: account.key, headers: { accept: EVENTS } })
  expect(answer).toMatchObject({ status: 200, body: '' })
  expect(typeOf(answer)).toBe(EVENTS)
  const query = encodeURIComponent('subscription { messageStream(message: "unsaid") { __typename } }')
  const refused = await server.call('HEAD', `/graphql?query=${query}`, { key: account.key, headers: { accept: EVENTS } })
  expect(refused).toMatchObject({ status: 405, body: '' })
  expect(await server.platform.databases.system.selectFrom('messages').where('content', '=', 'unsaid').selectAll().execute()).toEqual([])
})
