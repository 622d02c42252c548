import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestServer, type TestAccount, type TestServer } from '../helpers/test-server.ts'
import { expectContract } from './contract.ts'

let server: TestServer
let account: TestAccount
beforeAll(async () => {
  server = await startTestServer()
  account = await server.createAccount()
})
afterAll(() => server.close())

const provision = async (name: string, of = account): Promise<string> =>
  (await server.call('POST', '/api/agents/provision', { key: of.key, body: { name } })).body.agent.id

const send = async (body: Record<string, unknown>, of = account) => {
  const answer = await server.call('POST', '/api/chat', { key: of.key, body })
  expectContract('sendChatMessage', answer)
  return answer
}

const list = async (query: string, of = account) => {
  const answer = await server.call('GET', `/api/chat${query}`, of)
  expectContract('listChatMessages', answer)
  return answer.body
}

describe('sending a message', () => {
  test('answers with what the model said, and stores both sides', async () => {
    const agentId = await provision('Night Clerk')
    const { body } = await send({ message: 'calculate 6 * 7', topic: 'sums', agentId })
    expect(body).toMatchObject({ message: 'calculate 6 * 7', topic: 'sums', status: 'sent', agentId, reply: expect.stringContaining('42') })
    const { messages } = await list(`?agentId=${agentId}`)
    expect(messages).toMatchObject([
      { id: body.replyId, sender: 'agent', content: body.reply, topic: 'sums', platform: 'api' },
      { id: body.id, sender: 'user', content: 'calculate 6 * 7', topic: 'sums', platform: 'api' },
    ])
  })

  test('goes to the oldest running agent when none is named', async () => {
    const fresh = await server.createAccount()
    const oldest = await provision('Oldest', fresh)
    const second = await provision('Second', fresh)
    await provision('Third', fresh)
    expect((await send({ message: 'help' }, fresh)).body.agentId).toBe(oldest)
    await server.call('POST', `/api/agents/${oldest}/stop`, fresh)
    expect((await send({ message: 'help' }, fresh)).body.agentId).toBe(second)
  })

  test('needs an agent that runs', async () => {
    const fresh = await server.createAccount()
    expect(await send({ message: 'help' }, fresh)).toMatchObject({ status: 404, body: { code: 'AGENT_NOT_FOUND' } })
    const agentId = await provision('Night Clerk', fresh)
    await server.call('POST', `/api/agents/${agentId}/stop`, fresh)
    expect(await send({ message: 'help', agentId }, fresh)).toMatchObject({ status: 404, body: { code: 'AGENT_NOT_RUNNING' } })
    expect((await list('', fresh)).count).toBe(0)
  })

  test('takes 32,000 characters', async () => {
    const agentId = await provision('Night Clerk')
    expect((await send({ message: 'x'.repeat(32_000), agentId })).status).toBe(200)
  })

  test('from the browser is marked so', async () => {
    const agentId = await provision('Night Clerk')
    await server.call('POST', '/api/chat', { cookie: account.cookie, body: { message: 'help', agentId } })
    expect((await list(`?agentId=${agentId}`)).messages[0].platform).toBe('webchat')
  })
})

describe('listing messages', () => {
  let talkative: TestAccount
  let agentId: string
  const total = 104
  beforeAll(async () => {
    talkative = await server.createAccount()
    agentId = await provision('Night Clerk', talkative)
    const { sessionId } = (await send({ message: 'help', agentId, topic: 'start' }, talkative)).body
    const rows = Array.from({ length: total - 2 }, (_, index) => ({
      id: `msg_zzz${String(index).padStart(3, '0')}`,
      accountId: talkative.id,
      agentId,
      sessionId,
      sender: 'user',
      content: `message ${index}`,
      platform: 'api',
    }))
    await server.platform.databases.system.insertInto('messages').values(rows).execute()
  })

  test.each([
    ['', 50],
    ['limit=500', 100],
    ['limit=100', 100],
    ['limit=1', 1],
    ['offset=100', 4],
    ['limit=10&offset=99', 5],
    ['offset=1000', 0],
  ])('?%s gives %i of them', async (query, count) => {
    const history = await list(`?${query}`, talkative)
    expect(history.count).toBe(count)
    expect(history.messages).toHaveLength(count)
    const page = await server.call('GET', `/api/agents/${agentId}/messages?${query}`, talkative)
    expectContract('listAgentMessages', page)
    expect(page.body.messages).toEqual(history.messages)
    expect(page.body).toMatchObject({ total, offset: Number(new URLSearchParams(query).get('offset')) })
    expect(page.body.limit).toBeLessThanOrEqual(100)
  })

  test.each(['limit=0', 'limit=abc', 'limit=', 'limit=-1', 'limit=1.5', 'offset=-1', 'offset=abc'])(
    '?%s is refused by name',
    async (query) => {
      for (const path of ['/api/chat', `/api/agents/${agentId}/messages`]) {
        const answer = await server.call('GET', `${path}?${query}`, talkative)
        expect(answer).toMatchObject({ status: 400, body: { fields: [{ field: query.split('=')[0] }] } })
      }
    },
  )

  test('goes from newest to oldest without gaps over its pages', async () => {
    const pages = await Promise.all([0, 40, 80].map((offset) => list(`?limit=40&offset=${offset}`, talkative)))
    const ids = pages.flatMap(({ messages }) => messages.map(({ id }: { id: string }) => id))
    expect(ids).toHaveLength(total)
    expect(ids).toEqual([...new Set(ids)].toSorted().toReversed())
  })

  test('can be limited to a topic', async () => {
    const { messages } = await list('?topic=start', talkative)
    expect(messages.map(({ topic }: { topic: string }) => topic)).toEqual(['start', 'start'])
    expect((await list('?topic=unknown', talkative)).messages).toEqual([])
  })

  test('of an agent that was never talked to gives none', async () => {
    const silent = await provision('Silent', talkative)
    const page = await server.call('GET', `/api/agents/${silent}/messages`, talkative)
    expect(page.body).toEqual({ messages: [], total: 0, limit: 50, offset: 0, status: 'ok' })
  })
})
