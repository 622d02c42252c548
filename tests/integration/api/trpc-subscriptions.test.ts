import { createTRPCClient, httpBatchStreamLink } from '@trpc/client'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { AppRouter } from '../../../app/trpc/router.ts'
import type { AgentEvent, LogEvent } from '../../../server/agents/runtime/runtime.contract.ts'
import type { AiChatEvent } from '../../../server/api/ai/ai.contract.ts'
import type { StreamEvent as ChatEvent } from '../../../app/features/chat/turns/live-turn.ts'
import { createGate, startFakeOpenAi, type FakeOpenAi } from '../../fakes/openai.ts'
import { startBreakingProxy, type BreakingProxy } from '../../helpers/breaking-proxy.ts'
import { subscriptionClient, Watch, type Way } from '../../helpers/subscription.ts'
import { startTestServer, type TestAccount, type TestServer } from '../../helpers/test-server.ts'

const hello = { model: 'compatible/fake-model', messages: [{ role: 'user' as const, content: 'Hello?' }] }
const ways: Way[] = ['POST', 'GET']

let model: FakeOpenAi
let server: TestServer
let proxy: BreakingProxy
let account: TestAccount
let key: Record<string, string>
let agentId: string
let asked: number

beforeAll(async () => {
  model = await startFakeOpenAi()
  server = await startTestServer({ OPENAI_COMPATIBLE_BASE_URL: model.url, DEFAULT_MODEL: 'compatible/fake-model' })
  account = await server.createAccount()
  key = { authorization: `Bearer ${account.key}` }
  agentId = (await server.trpc(account).agents.provision.mutate({ name: 'Atlas' })).id
  // From here on the provider is asked for answers only: its list of models is known.
  await server.trpc(account).ai.chat.mutate(hello)
})
afterAll(async () => {
  await server.close()
  await model.close()
})
beforeEach(async () => {
  proxy = await startBreakingProxy(server.url)
  asked = model.requests.length
})
afterEach(() => proxy.close())

const ask = (message: string, way: Way) =>
  new Watch<ChatEvent>((handlers) => subscriptionClient(proxy.url, key, way).chat.stream.subscribe({ agentId, message }, handlers))

describe.each(ways)('an answer over %s', (way) => {
  test('comes event by event, each with an id of its own, and ends', async () => {
    model.script({ kind: 'text', text: ['At ', 'six.'] })
    const watch = ask('When does the first ferry leave?', way)
    expect(await watch.ended).toBeUndefined()
    expect(watch.data.map(({ type }) => type)).toEqual(['start', 'delta', 'delta', 'done'])
    expect(new Set(watch.events.map(({ id }) => id)).size).toBe(4)
  })

  test('that is cut off ends with an error that says so, and the model is not asked again', async () => {
    const gate = createGate()
    model.script({ kind: 'slow', chunks: ['Half an answer', ' and the rest'], gate })
    const watch = ask('Go on', way)
    gate.open()
    await watch.until((events) => events.some(({ type }) => type === 'delta'))
    const { id } = watch.data.find((event) => event.type === 'start')!
    proxy.cut()
    expect((await watch.ended)?.data).toMatchObject({ appCode: 'STREAM_INTERRUPTED', httpStatus: 409 })
    expect(model.requests.length - asked).toBe(1)

    await (
      await model.request(asked)
    ).disconnected
    model.script({ kind: 'text', text: 'All of it.' })
    const again = new Watch<ChatEvent>((handlers) =>
      subscriptionClient(proxy.url, key, way).chat.streamRetry.subscribe({ messageId: id }, handlers),
    )
    expect(await again.ended).toBeUndefined()
    expect(again.data.at(-1)).toMatchObject({ type: 'done', id, reply: 'All of it.' })
  })

  test('that is cut off before anything came is not asked for again either', async () => {
    const gate = createGate()
    model.script({ kind: 'hang', gate, text: 'Too late.' })
    const watch = new Watch<AiChatEvent>((handlers) => subscriptionClient(proxy.url, key, way).ai.streamChat.subscribe(hello, handlers))
    await model.request(asked)
    proxy.cut()
    expect((await watch.ended)?.data).toMatchObject({ appCode: 'STREAM_INTERRUPTED' })
    expect(watch.events).toEqual([])
    expect(proxy.connections).toBe(2)
    expect(model.requests.length - asked).toBe(1)
    gate.open()
  })

  test('that fails tells why, though clients would try again for its status', async () => {
    model.script({ kind: 'status', status: 500, message: 'out of order' })
    const watch = ask('Hello?', way)
    const error = await watch.ended
    expect(error?.data).toMatchObject({ appCode: 'MODEL_FAILED', httpStatus: 502, code: 'BAD_GATEWAY' })
    expect(error?.data?.requestId).toMatch(/^req_/)
    expect(proxy.connections).toBe(1)
  })

  test('is refused with what is wrong', async () => {
    const watch = new Watch<ChatEvent>((handlers) =>
      subscriptionClient(proxy.url, key, way).chat.stream.subscribe({ agentId, message: '' }, handlers),
    )
    expect((await watch.ended)?.data).toMatchObject({ appCode: 'INVALID_INPUT', details: { fields: [{ field: 'message' }] } })
    const nobody = new Watch<ChatEvent>((handlers) =>
      subscriptionClient(proxy.url, {}, way).chat.stream.subscribe({ agentId, message: 'Hi' }, handlers),
    )
    expect((await nobody.ended)?.data).toMatchObject({ appCode: 'UNAUTHENTICATED', httpStatus: 401 })
  })
})

test('a message too long for an address goes out with POST', async () => {
  const message = 'long '.repeat(1_900)
  model.script({ kind: 'text', text: 'Long indeed.' })
  const watch = ask(message, 'POST')
  expect(await watch.ended).toBeUndefined()
  expect(model.requests.at(-1)?.body?.messages.at(-1)?.content).toContain(message)
})

test('a subscription is done once per Idempotency-Key, and connections that come at once all get what came of it', async () => {
  model.script({ kind: 'text', text: 'Once.' })
  const connect = () =>
    fetch(`${server.url}/trpc/chat.stream`, {
      method: 'POST',
      headers: { ...key, 'content-type': 'application/json', 'idempotency-key': 'one-subscription' },
      body: JSON.stringify({ agentId, message: 'How often?' }),
    }).then((answer) => answer.text())
  const answers = [...(await Promise.all([connect(), connect(), connect()])), await connect()]
  expect(answers.filter((text) => text.includes('Once.'))).toHaveLength(4)
  expect(model.requests.length - asked).toBe(1)
})

test('an id of an event that is none is refused by its name', async () => {
  const watch = new Watch<LogEvent>((handlers) =>
    subscriptionClient(proxy.url, key).agents.streamLogs.subscribe({ agentId, lastEventId: 'x'.repeat(501) }, handlers),
  )
  expect((await watch.ended)?.data).toMatchObject({ appCode: 'INVALID_INPUT', details: { fields: [{ field: 'lastEventId' }] } })
})

describe.each(ways)('who watches over %s', (way) => {
  test('a log misses no line and sees none twice when the connection breaks', async () => {
    const fail = async (message: string) => {
      model.script({ kind: 'status', status: 400, message })
      await server.call('POST', '/api/chat', { key: account.key, body: { agentId, message: 'Fail' } })
    }
    const has = (text: string) => (events: LogEvent[]) => events.some((event) => event.type === 'log' && event.message.includes(text))
    const watch = new Watch<LogEvent>((handlers) =>
      subscriptionClient(proxy.url, key, way).agents.streamLogs.subscribe({ agentId, limit: 3 }, handlers),
    )
    await watch.until((events) => events.some(({ type }) => type === 'ready'))
    await fail(`before the break ${way}`)
    await watch.until(has(`before the break ${way}`))
    proxy.cut()
    for (const count of ['one', 'two', 'three', 'four', 'five']) await fail(`meanwhile ${way} ${count}.`)
    await watch.until(has(`meanwhile ${way} five.`))
    await fail(`afterwards ${way}`)
    await watch.until(has(`afterwards ${way}`))
    watch.stop()

    const seen = watch.data.flatMap((event) => (event.type === 'log' ? [event] : []))
    const { logs } = await server.trpc(account).agents.logs.query({ agentId, limit: 100 })
    const kept = logs.map(({ id }) => id).reverse()
    expect(seen.map(({ id }) => id)).toEqual(kept.slice(kept.indexOf(seen[0]!.id)))
  })

  test('the states of agents is told them again when the connection breaks', async () => {
    const watch = new Watch<AgentEvent>((handlers) =>
      subscriptionClient(proxy.url, key, way).agents.events.subscribe({ agentId }, handlers),
    )
    const statuses = (events: AgentEvent[]) => events.flatMap((event) => (event.type === 'status' ? [event.status] : []))
    await watch.until((events) => statuses(events).length === 1)
    proxy.cut()
    await server.trpc(account).agents.stop.mutate({ agentId })
    await watch.until((events) => events.filter(({ type }) => type === 'ready').length === 2 && statuses(events).at(-1) === 'stopped')
    await server.trpc(account).agents.start.mutate({ agentId })
    await watch.until((events) => statuses(events).at(-1) === 'running')
    watch.stop()
  })
})

test('queries and mutations of one request may be answered as JSON lines, each as soon as it is there', async () => {
  const client = createTRPCClient<AppRouter>({ links: [httpBatchStreamLink({ url: `${server.url}/trpc`, headers: key })] })
  const [agents, stats] = await Promise.all([client.agents.list.query(), client.agents.stats.query({ agentId })])
  expect(agents.map(({ id }) => id)).toEqual([agentId])
  expect(stats.messagesProcessed).toBeGreaterThan(0)
})
