import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { createGate, startFakeOpenAi, type FakeOpenAi } from '../../fakes/openai.ts'
import { eventsOf, type SentEvent } from '../../helpers/sse.ts'
import { seedAccount, seedAgent } from '../../helpers/seed.ts'
import { startTestServer, type TestAccount, type TestServer } from '../../helpers/test-server.ts'

let model: FakeOpenAi
let server: TestServer
let account: TestAccount
let agentId: string

beforeAll(async () => {
  model = await startFakeOpenAi()
  server = await startTestServer({
    OPENAI_COMPATIBLE_BASE_URL: model.url,
    DEFAULT_MODEL: 'compatible/fake-model',
    MODEL_TIMEOUT_SECONDS: '5',
  })
})
afterAll(async () => {
  await server.close()
  await model.close()
})
beforeEach(async () => {
  model.requests.length = 0
  ;({ account, agentId } = await seedAccount(server))
})

const provision = (config: Record<string, unknown>): Promise<string> => seedAgent(server, account, config)

const say = (message: string, more: Record<string, unknown> = {}) =>
  server.call('POST', '/api/chat', { key: account.key, body: { message, agentId, ...more } })

const stream = (message: string, signal?: AbortSignal) =>
  fetch(`${server.url}/api/chat`, {
    method: 'POST',
    headers: { authorization: `Bearer ${account.key}`, 'content-type': 'application/json', accept: 'text/event-stream' },
    body: JSON.stringify({ message, agentId }),
    ...(signal ? { signal } : {}),
  })

const history = async () => (await server.call('GET', `/api/chat?agentId=${agentId}`, { key: account.key })).body.messages

test('the conversation so far and the instructions go to the model', async () => {
  agentId = await provision({ instructions: 'Answer berth questions.', temperature: 0.3, maxTokens: 77 })
  await say('Is berth 9 free?')
  await say('And berth 10?')
  const { body } = model.requests[1]!
  expect(body!.messages.map(({ role, content }) => [role, content])).toEqual([
    ['system', expect.stringContaining('Answer berth questions.')],
    ['user', 'Is berth 9 free?'],
    ['assistant', 'Echo: Is berth 9 free?'],
    ['user', 'And berth 10?'],
  ])
  expect(body).toMatchObject({ model: 'fake-model', temperature: 0.3, max_tokens: 77 })
})

test('the history that goes to the model is bounded by memoryLimit', async () => {
  agentId = await provision({ memoryLimit: 3 })
  for (const message of ['one', 'two', 'three']) await say(message)
  expect(model.requests[2]!.body!.messages.slice(1).map(({ content }) => content)).toEqual(['two', 'Echo: two', 'three'])
})

test.each([1, 2, 3, 4, 5, 6])('the history is one that any provider takes, with memoryLimit %i', async (memoryLimit) => {
  agentId = await provision({ memoryLimit })
  model.script({ kind: 'text', text: 'First.' }, { kind: 'status', status: 500 }, { kind: 'cut', text: 'Half an', how: 'reset' })
  for (const message of ['one', 'two', 'three', 'four']) await say(message)
  const { messages } = model.requests.at(-1)!.body!
  const roles = messages.slice(1).map(({ role }) => role)
  expect(roles).toEqual(roles.map((_, index) => (index % 2 ? 'assistant' : 'user')))
  expect(messages.at(-1)).toEqual({ role: 'user', content: 'four' })
  if (memoryLimit >= 6)
    expect(messages.slice(1).map(({ content }) => content)).toEqual(['one', 'First.', 'two\n\nthree', 'Half an', 'four'])
})

test('a message that fails again and again does not make the next one fail', async () => {
  model.script({ kind: 'status', status: 500 }, { kind: 'status', status: 500 })
  expect((await say('one')).status).toBe(502)
  expect((await say('two')).status).toBe(502)
  expect(await say('three')).toMatchObject({ status: 200, body: { reply: 'Echo: one\n\ntwo\n\nthree' } })
})

test('a message that the provider refuses does not make the next one fail', async () => {
  const refuse = { kind: 'status', status: 400, message: 'This conversation is too long' } as const
  model.script({ kind: 'text', text: 'First.' }, refuse, refuse, refuse)
  await say('one')
  // Refused with what came before it, and alone.
  expect((await say('two'.repeat(5000))).body.error).toContain('This conversation is too long')
  expect(await say('three')).toMatchObject({ status: 200, body: { reply: 'Echo: three' } })
  expect(model.requests).toHaveLength(5)
  expect(model.requests.at(-1)!.body!.messages.slice(1)).toEqual([{ role: 'user', content: 'three' }])
  const { body } = await server.call('GET', `/api/agents/${agentId}/logs?level=warn`, { key: account.key })
  expect(JSON.stringify(body)).toContain('refused what was said before')
})

test('what the model stores with its tool is what the memory call returns', async () => {
  model.script({ kind: 'tool', name: 'remember', arguments: { key: 'tone', value: 'brief' } }, { kind: 'text', text: 'Noted.' })
  const events: SentEvent[] = []
  for await (const event of eventsOf(await stream('Be brief from now on.'))) events.push(event)
  expect(events.map(({ event }) => event)).toEqual(['start', 'tool-input', 'tool', 'delta', 'done'])
  expect(events[2]!.data).toMatchObject({ name: 'remember', input: { key: 'tone', value: 'brief' } })
  expect(events[4]!.data).toMatchObject({ reply: 'Noted.', status: 'sent', message: 'Be brief from now on.', usage: { modelCalls: 2 } })
  const { body } = await server.call('GET', `/api/memory?agentId=${agentId}`, { key: account.key })
  expect(body.memory).toEqual({ tone: 'brief' })
})

test('a streamed answer arrives while the model writes', async () => {
  const gate = createGate()
  model.script({ kind: 'slow', chunks: ['The ferry ', 'leaves at 06:40.'], gate })
  const events = eventsOf(await stream('When does the ferry leave?'))
  const next = async () => (await events.next()).value as SentEvent
  expect(await next()).toMatchObject({ event: 'start', data: { id: expect.stringMatching(/^msg_/) } })
  gate.open()
  expect(await next()).toEqual({ event: 'delta', data: { text: 'The ferry ' } })
  gate.open()
  expect(await next()).toEqual({ event: 'delta', data: { text: 'leaves at 06:40.' } })
  gate.open()
  expect(await next()).toMatchObject({ event: 'done', data: { reply: 'The ferry leaves at 06:40.' } })
})

test.each([
  ['answers 500', 502, { kind: 'status', status: 500 }, []],
  ['answers 429', 429, { kind: 'status', status: 429 }, []],
  ['answers garbage', 502, { kind: 'garbage' }, []],
  ['says nothing', 502, { kind: 'empty' }, []],
  ['breaks off', 502, { kind: 'cut', text: 'Half an ans', how: 'reset' }, ['Half an ans']],
  ['ends in the middle', 502, { kind: 'cut', text: 'Half an ans', how: 'end' }, ['Half an ans']],
] as const)('a model that %s gives %s, and the message stays and can be retried', async (_what, status, behaviour, said) => {
  model.script(behaviour)
  const failed = await say('Is anybody there?')
  expect(failed).toMatchObject({ status, body: { code: 'MODEL_FAILED', model: 'compatible/fake-model' } })
  const [message, ...others] = (await history()).reverse()
  expect(others.map(({ content, isPartial }: Record<string, unknown>) => [content, isPartial])).toEqual(said.map((text) => [text, true]))
  expect(message).toMatchObject({ content: 'Is anybody there?', state: 'failed' })

  const retried = await server.call('POST', '/api/chat/retry', { key: account.key, body: { messageId: message.id } })
  expect(retried).toMatchObject({ status: 200, body: { id: message.id, reply: 'Echo: Is anybody there?' } })
  expect((await history()).map(({ content, state }: { content: string; state: string }) => [content, state])).toEqual([
    ['Echo: Is anybody there?', null],
    ['Is anybody there?', 'answered'],
  ])
  const again = await server.call('POST', '/api/chat/retry', { key: account.key, body: { messageId: message.id } })
  expect(again).toMatchObject({ status: 409, body: { code: 'MESSAGE_NOT_RETRYABLE' } })
})

test('a failure after the stream has begun is an error event', async () => {
  model.script({ kind: 'cut', text: 'Half an ans', how: 'reset' })
  const events: SentEvent[] = []
  for await (const event of eventsOf(await stream('Go on'))) events.push(event)
  expect(events.map(({ event }) => event)).toEqual(['start', 'delta', 'error'])
  expect(events[2]!.data).toMatchObject({ status: 502, code: 'MODEL_FAILED', error: expect.any(String), requestId: expect.any(String) })
  expect(await history()).toMatchObject([
    { content: 'Half an ans', isPartial: true },
    { content: 'Go on', state: 'failed' },
  ])
})

test('a refused streamed call gets its status, not a stream', async () => {
  await server.call('POST', `/api/agents/${agentId}/stop`, { key: account.key })
  const response = await stream('Hello?')
  expect(response.status).toBe(404)
  expect(await response.json()).toMatchObject({ code: 'AGENT_NOT_RUNNING' })
})

test('a caller that goes away stops the model; what it had said is stored and the message can be retried', async () => {
  const gate = createGate()
  model.script({ kind: 'slow', chunks: ['First half, ', 'second half.'], gate })
  const caller = new AbortController()
  const events = eventsOf(await stream('Tell me everything', caller.signal))
  await events.next()
  gate.open()
  await events.next()
  caller.abort()
  await (
    await model.request(0)
  ).disconnected
  await expect.poll(history).toMatchObject([
    { content: 'First half, ', isPartial: true },
    { content: 'Tell me everything', state: 'aborted' },
  ])
  const [, message] = await history()
  const retried = await server.call('POST', '/api/chat/retry', { key: account.key, body: { messageId: message.id } })
  expect(retried.body.reply).toBe('Echo: Tell me everything')
  expect(await history()).toHaveLength(2)
})

test('two messages to one agent are answered one after the other, each with the answer before it', async () => {
  const gate = createGate()
  model.script({ kind: 'hang', gate, text: 'First answer' })
  const first = say('First')
  await model.request(0)
  const second = say('Second')
  await expect.poll(async () => (await history()).length).toBe(2)
  expect(model.requests).toHaveLength(1)
  gate.open()
  expect((await first).body.reply).toBe('First answer')
  expect((await second).body.reply).toBe('Echo: Second')
  expect(model.requests[1]!.body!.messages.slice(1).map(({ content }) => content)).toEqual(['First', 'First answer', 'Second'])
})

test('many messages at the same moment are all answered, one by one', async () => {
  const sent = ['a', 'b', 'c', 'd', 'e', 'f']
  const answers = await Promise.all(sent.map((message) => say(message)))
  expect(answers.map(({ body }) => body.reply)).toEqual(sent.map((message) => `Echo: ${message}`))
  const lengths = model.requests.map(({ body }) => body!.messages.length)
  expect(lengths).toEqual([2, 4, 6, 8, 10, 12])
})

test('stopping an agent cuts its answer off', async () => {
  const gate = createGate()
  model.script({ kind: 'hang', gate })
  const waiting = say('Take your time')
  await model.request(0)
  const stopped = await server.call('POST', `/api/agents/${agentId}/stop`, { key: account.key })
  expect(stopped.body).toEqual({ success: true, status: 'stopped' })
  expect(await waiting).toMatchObject({ status: 502, body: { code: 'TURN_ABORTED' } })
  await (
    await model.request(0)
  ).disconnected
  expect(await history()).toMatchObject([{ content: 'Take your time', state: 'aborted' }])
})

test('a model that does not answer in time gives 502', async () => {
  const quick = await startTestServer({
    OPENAI_COMPATIBLE_BASE_URL: model.url,
    DEFAULT_MODEL: 'compatible/fake-model',
    MODEL_TIMEOUT_SECONDS: '1',
  })
  const { key } = await quick.createAccount()
  await quick.call('POST', '/api/agents/provision', { key, body: { name: 'Clerk' } })
  const gate = createGate()
  model.script({ kind: 'hang', gate })
  const answer = await quick.call('POST', '/api/chat', { key, body: { message: 'Hello?' } })
  expect(answer).toMatchObject({ status: 502, body: { code: 'MODEL_TIMEOUT' } })
  gate.open()
  await quick.close()
})

test('a fallback answers when the first model fails before it has said anything', async () => {
  agentId = await provision({ fallbacks: ['compatible/spare-model'] })
  model.script({ kind: 'status', status: 503 }, { kind: 'text', text: 'The spare one answers.' })
  expect((await say('Hello')).body).toMatchObject({ reply: 'The spare one answers.', model: 'compatible/spare-model' })
  expect(model.requests.map(({ body }) => body!.model)).toEqual(['fake-model', 'spare-model'])
})

test('statistics are computed from what was recorded, and null before there is anything', async () => {
  const statsOf = async () => (await server.call('GET', `/api/agents/${agentId}/stats`, { key: account.key })).body.stats
  expect(await statsOf()).toMatchObject({
    messagesProcessed: 0,
    successRate: null,
    errorRate: null,
    averageResponseTime: null,
    storedBytes: 0,
  })
  const usage = { prompt_tokens: 11, completion_tokens: 5, total_tokens: 16 }
  model.script({ kind: 'text', text: 'One.', usage }, { kind: 'text', text: 'Two.', usage }, { kind: 'status', status: 500 })
  for (const message of ['1', '2', '3']) await say(message)
  expect(await statsOf()).toMatchObject({
    messagesProcessed: 2,
    successRate: '66.67',
    errorRate: '33.33',
    averageResponseTime: expect.any(Number),
    inputTokens: 22,
    outputTokens: 10,
    storedBytes: '1One.2Two.3'.length,
    memory: null,
    network: null,
    queueLength: 0,
  })
})

test('every call of a model is recorded, with null where the provider did not count', async () => {
  model.script(
    { kind: 'text', text: 'Counted.', usage: { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10 } },
    { kind: 'text', text: 'Not counted.', usage: null },
    { kind: 'status', status: 500 },
  )
  for (const message of ['1', '2', '3']) await say(message)
  const rows = await server.platform.databases.system
    .selectFrom('usageEvents')
    .where('agentId', '=', agentId)
    .select(['provider', 'model', 'outcome', 'inputTokens', 'outputTokens'])
    .orderBy('id')
    .execute()
  const call = { provider: 'compatible', model: 'compatible/fake-model' }
  expect(rows).toEqual([
    { ...call, outcome: 'ok', inputTokens: 7, outputTokens: 3 },
    { ...call, outcome: 'ok', inputTokens: null, outputTokens: null },
    { ...call, outcome: 'failed', inputTokens: null, outputTokens: null },
  ])
})

test("a key of the agent's own is used instead of the one of the operator", async () => {
  const vendor = await startFakeOpenAi({ apiKey: 'sk-own' })
  const own = await startTestServer({ OPENAI_API_KEY: 'sk-operator', OPENAI_BASE_URL: vendor.url })
  const { key } = await own.createAccount()
  await own.call('POST', '/api/agents/provision', { key, body: { name: 'Clerk', model: 'openai/gpt-4o-mini' } })
  expect(await own.call('POST', '/api/chat', { key, body: { message: 'Hi' } })).toMatchObject({ status: 502 })
  await own.call('POST', '/api/agent', { key, body: { action: 'set-credential', key: 'openai', value: 'sk-own' } })
  expect((await own.call('POST', '/api/chat', { key, body: { message: 'Hello' } })).body.reply).toBe('Echo: Hi\n\nHello')
  const stored = await own.platform.databases.system.selectFrom('agentCredentials').selectAll().execute()
  expect(JSON.stringify(stored)).not.toContain('sk-own')
  await own.close()
  await vendor.close()
})
