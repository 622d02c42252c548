import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { driverOf } from '../../../server/agents/drivers/index.ts'
import { wallet } from '../../contract/wallet.ts'
import { createGate, startFakeOpenAi, type FakeOpenAi } from '../../fakes/openai.ts'
import { seedAccount } from '../../helpers/seed.ts'
import { eventsOf, type SentEvent } from '../../helpers/sse.ts'
import { startTestServer, type TestAccount, type TestServer } from '../../helpers/test-server.ts'

let model: FakeOpenAi
let server: TestServer
let account: TestAccount
let agentId: string

beforeAll(async () => {
  model = await startFakeOpenAi()
  server = await startTestServer({ OPENAI_COMPATIBLE_BASE_URL: model.url, DEFAULT_MODEL: 'compatible/fake-model' })
})
afterAll(async () => {
  await server.close()
  await model.close()
})
beforeEach(async () => {
  model.requests.length = 0
  ;({ account, agentId } = await seedAccount(server))
})

const KEY = { 'idempotency-key': 'the same' }

const post = (path: string, body: unknown, headers: Record<string, string> = KEY) =>
  server.call('POST', path, { key: account.key, body, headers })
const send = () => post('/api/chat', { message: 'Is berth 9 free?', agentId })
const open = (signal?: AbortSignal) =>
  fetch(`${server.url}/api/chat`, {
    method: 'POST',
    headers: { authorization: `Bearer ${account.key}`, 'content-type': 'application/json', accept: 'text/event-stream', ...KEY },
    body: JSON.stringify({ message: 'Is berth 9 free?', agentId }),
    ...(signal ? { signal } : {}),
  })
async function watch(): Promise<{ response: Response; events: SentEvent[] }> {
  const response = await open()
  return { response, events: await Array.fromAsync(eventsOf(response)) }
}
const history = async () => (await server.call('GET', `/api/chat?agentId=${agentId}`, { key: account.key })).body.messages

/** As a server leaves the call behind that is killed before it has kept the answer. */
const forgetAnswer = () =>
  server.platform.databases.system
    .updateTable('idempotencyKeys')
    .set({ sealedOutput: null, serverId: null })
    .where('accountId', '=', account.id)
    .execute()

describe('a message that is sent again with its key', () => {
  test('after its model failed is answered, and stored once', async () => {
    model.script({ kind: 'status', status: 500 }, { kind: 'cut', text: 'Half an', how: 'reset' })
    const [first, second, third] = [await send(), await send(), await send()]
    expect([first.status, second.status]).toEqual([502, 502])
    expect(third).toMatchObject({ status: 200, body: { id: first.body.messageId, reply: 'Echo: Is berth 9 free?' } })
    expect(await history()).toMatchObject([{ id: third.body.replyId }, { id: third.body.id, state: 'answered' }])
  })

  test('gets the answer that is stored, where its server was killed before it could say so', async () => {
    const first = await send()
    await forgetAnswer()
    expect((await send()).body).toEqual(first.body)
    expect(model.requests).toHaveLength(1)
    expect(await history()).toHaveLength(2)
  })

  test('twenty times at once is stored once', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, send))
    expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThan(0)
    for (const { body } of answers.filter(({ status }) => status !== 200)) expect(body).toMatchObject({ code: 'IDEMPOTENT_CALL_RUNNING' })
    expect(await history()).toHaveLength(2)
    expect(model.requests).toHaveLength(1)
  })

  test.each([
    ['/api/agent', () => ({ action: 'chat', message: 'Hi', agentId })],
    ['/api/v1/gateway', () => ({ plugin: 'agent', agentId, messages: [{ role: 'user', content: 'Hi' }] })],
    ['/v1/chat/completions', () => ({ model: `agent:${agentId}`, messages: [{ role: 'user', content: 'Hi' }] })],
  ])('is stored once whichever way it comes: %s', async (path, bodyFor) => {
    model.script({ kind: 'status', status: 500 })
    expect((await post(path, bodyFor())).status).toBe(502)
    expect((await post(path, bodyFor())).status).toBe(200)
    expect(await history()).toMatchObject([{ content: 'Echo: Hi' }, { content: 'Hi' }])
  })

  test('with other words is refused, also when the first ones were not answered', async () => {
    model.script({ kind: 'status', status: 500 })
    await send()
    const other = await post('/api/chat', { message: 'Is berth 10 free?', agentId })
    expect(other).toMatchObject({ status: 409, body: { code: 'IDEMPOTENCY_KEY_REUSED' } })
  })

  test('is another one once its agent is gone', async () => {
    await send()
    await server.call('DELETE', `/api/agents/${agentId}`, { key: account.key })
    expect(await send()).toMatchObject({ status: 404 })
  })
})

describe('a stream with a key', () => {
  test('is told again from what is stored', async () => {
    const first = await watch()
    const again = await watch()
    expect(again.response.headers.get('idempotent-replayed')).toBe('true')
    expect(again.events.map(({ event }) => event)).toEqual(['start', 'delta', 'done'])
    expect(again.events.at(-1)).toEqual(first.events.at(-1))
    expect(again.events[1]!.data).toEqual({ text: 'Echo: Is berth 9 free?' })
    await forgetAnswer()
    expect((await watch()).events).toEqual(again.events)
    expect(await history()).toHaveLength(2)
    expect(model.requests).toHaveLength(1)
  })

  test('twenty times at once is one message, and all of them get the answer', async () => {
    const gate = createGate()
    model.script({ kind: 'hang', gate, text: 'It is.' })
    const streams = Array.from({ length: 20 }, watch)
    await model.request(0)
    gate.open()
    for (const { events } of await Promise.all(streams)) expect(events.at(-1)).toMatchObject({ event: 'done', data: { reply: 'It is.' } })
    expect(await history()).toHaveLength(2)
    expect(model.requests).toHaveLength(1)
  })

  test('that failed, or was left, goes on with its message', async () => {
    const gate = createGate()
    model.script({ kind: 'cut', text: 'Half an', how: 'reset' }, { kind: 'slow', chunks: ['Another ', 'half'], gate })
    expect((await watch()).events.at(-1)!.event).toBe('error')
    const caller = new AbortController()
    const left = eventsOf(await open(caller.signal))
    gate.open()
    await left.next()
    await left.next()
    caller.abort()
    const { events } = await watch()
    expect(events.at(-1)).toMatchObject({ event: 'done', data: { reply: 'Echo: Is berth 9 free?' } })
    expect(await history()).toHaveLength(2)
  })

  const messages = [{ role: 'user', content: 'Hi' }]
  test.each([
    ['/api/ai/chat', { messages }],
    ['/v1/chat/completions', { model: 'compatible/fake-model', messages, stream: true }],
    ['/api/v1/gateway', { plugin: 'generate-text', messages }],
  ])('that leaves nothing stored is refused, which names the header: %s', async (path, body) => {
    const answer = await post(path, body, { ...KEY, accept: 'text/event-stream' })
    expect(answer.status).toBe(400)
    expect(JSON.stringify(answer.body)).toContain('Idempotency-Key')
    expect(model.requests).toHaveLength(0)
  })
})

test('a caller of the gateway who pays without an account is told that the key cannot be kept to', async () => {
  const headers = { ...KEY, 'x-session-id': 'ses_none', 'x-wallet-address': wallet.address }
  const answer = await server.call('POST', '/api/v1/gateway', {
    body: { plugin: 'generate-text', messages: [{ role: 'user', content: 'Hi' }] },
    headers,
  })
  expect(answer.status).toBe(400)
  expect(answer.body.message).toContain('Idempotency-Key')
})

describe('an agent that is provisioned again with its key', () => {
  test.each([
    ['/api/agents/provision', { name: 'Night Clerk' }, 201],
    ['/api/provision', { agentType: 'business' }, 200],
  ])('after its start failed is started, and there is one: %s', async (path, body, status) => {
    const owner = await server.createAccount()
    vi.spyOn(driverOf(server.platform), 'start').mockRejectedValueOnce(new Error('no room'))
    const provision = () => server.call('POST', path, { key: owner.key, body, headers: KEY })
    const failed = await provision()
    expect(failed.status).toBeGreaterThanOrEqual(500)
    const again = await provision()
    expect(again.status).toBe(status)
    const { agents } = (await server.call('GET', '/api/agents', { key: owner.key })).body
    expect(agents).toMatchObject([{ status: 'running' }])
    expect(JSON.stringify(again.body)).toContain(agents[0].id)
  })
})
