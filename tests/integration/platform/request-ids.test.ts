import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { startTestServer, type TestAccount, type TestServer } from '../../helpers/test-server.ts'

describe('request ids', () => {
  let server: TestServer
  beforeAll(async () => void (server = await startTestServer()))
  afterAll(() => server.close())

  test('are made, or taken from the caller when they are sensible', async () => {
    const idOf = async (headers?: Record<string, string>) =>
      (await server.call('GET', '/api/health', headers ? { headers } : {})).headers.get('x-request-id')
    expect(await idOf({ 'x-request-id': 'abc-123.DEF:4_5' })).toBe('abc-123.DEF:4_5')
    expect(await idOf()).toMatch(/^req_[0-9a-z]{26}$/)
    expect(await idOf()).not.toBe(await idOf())
    for (const odd of ['with space', 'x'.repeat(129), 'quote"', '<script>']) expect(await idOf({ 'x-request-id': odd })).toMatch(/^req_/)
  })

  test('are on every answer, refusals too', async () => {
    for (const [method, path] of [
      ['GET', '/api/nothing'],
      ['DELETE', '/api/agents'],
      ['GET', '/api/settings'],
      ['GET', '/trpc/agents.get'],
      ['POST', '/graphql'],
      ['GET', '/no-such-page'],
    ] as const) {
      const answer = await server.call(method, path, { headers: { 'x-request-id': 'mine' } })
      expect(answer.headers.get('x-request-id'), path).toBe('mine')
    }
  })
})

describe('what nobody expected', () => {
  let broken: TestServer
  let caller: TestAccount
  beforeAll(async () => {
    broken = await startTestServer()
    caller = await broken.createAccount()
    await sql`drop table agents cascade`.execute(broken.platform.databases.system)
  })
  afterAll(() => broken.close())

  test.each([
    ['REST', () => broken.call('GET', '/api/agents', { key: caller.key, headers: { 'x-request-id': 'broken-1' } })],
    ['tRPC', () => broken.call('GET', '/trpc/agents.list', { key: caller.key, headers: { 'x-request-id': 'broken-1' } })],
    [
      'GraphQL',
      () =>
        broken.call('POST', '/graphql', {
          key: caller.key,
          body: { query: '{ agents { edges { node { id } } } }' },
          headers: { 'x-request-id': 'broken-1' },
        }),
    ],
    [
      'a stream over REST',
      () =>
        broken.call('POST', '/api/chat', {
          key: caller.key,
          body: { message: 'help' },
          headers: { 'x-request-id': 'broken-1', accept: 'text/event-stream' },
        }),
    ],
    [
      'a stream over GraphQL',
      () =>
        broken.call('POST', '/graphql', {
          key: caller.key,
          body: { query: 'subscription { messageStream(message: "help") { __typename } }' },
          headers: { 'x-request-id': 'broken-1', accept: 'text/event-stream' },
        }),
    ],
  ])('is hidden from the caller over %s, and logged with the id of the request', async (_door, call) => {
    const logged = vi.spyOn(broken.platform.log, 'error')
    const answer = await call()
    const text = JSON.stringify(answer.body)
    expect(text).toContain('INTERNAL_ERROR')
    expect(text).toContain('Something broke on our side.')
    expect(text).not.toMatch(/relation|does not exist|select|\.ts|node_modules/)
    expect(answer.headers.get('x-request-id')).toBe('broken-1')
    // The watchdog, which looks every second, breaks too.
    const others = logged.mock.calls.filter(([, message]) => message !== 'agents could not be looked after')
    expect(others).toEqual([
      [
        expect.objectContaining({ requestId: 'broken-1', err: expect.objectContaining({ message: expect.stringContaining('agents') }) }),
        expect.any(String),
      ],
    ])
    logged.mockRestore()
  })
})
