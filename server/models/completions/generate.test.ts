import { afterEach, beforeEach, expect, test } from 'vitest'
import { readEnv } from '#server/platform/core/index.ts'
import { startFakeAnthropic } from '../../../tests/fakes/anthropic.ts'
import { createGate, startFakeOpenAi } from '../../../tests/fakes/openai.ts'
import type { Behaviour, FakeOpenAi } from '../../../tests/fakes/openai.ts'
import { generate } from './generate.ts'
import type { GenerationEvent, GenerationRequest } from './generate.ts'
import { ModelFailed, resolveModel } from '../catalogue/index.ts'
import { agentTools } from './tools.ts'

let fake: FakeOpenAi
beforeEach(async () => {
  fake = await startFakeOpenAi({ apiKey: 'sk-operator-secret' })
})
afterEach(() => fake.close())

const envOfFake = () => readEnv({ OPENAI_COMPATIBLE_BASE_URL: fake.url, OPENAI_COMPATIBLE_API_KEY: 'sk-operator-secret' })
const local = () => resolveModel(readEnv({}), 'local/commands')

const ask = (content: string, { env = envOfFake(), model = resolveModel(env, 'test-model'), ...more }: Partial<GenerationRequest> = {}) =>
  generate({ env, model, messages: [{ role: 'user', content }], signal: new AbortController().signal, silenceMs: 10_000, ...more })

async function collect(events: AsyncIterable<GenerationEvent>): Promise<GenerationEvent[]> {
  const all: GenerationEvent[] = []
  for await (const event of events) all.push(event)
  return all
}

const typesOf = (events: GenerationEvent[]) => events.map(({ type }) => type)

function memoryTools() {
  const map = new Map<string, unknown>()
  const tools = agentTools({
    get: async (key) => map.get(key),
    set: async (key, value) => void map.set(key, value),
    list: async (limit) => ({ count: map.size, entries: Object.fromEntries([...map].slice(0, limit)) }),
    delete: async (key) => map.delete(key),
  })
  return { map, tools }
}

test('text is forwarded piece by piece, with usage and timings', async () => {
  fake.script({ kind: 'text', text: ['Hel', 'lo ', 'Ada'], usage: { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10 } })
  const events = await collect(ask('hi', { system: 'Be brief.', temperature: 0.3, maxOutputTokens: 50 }))
  expect(events).toEqual([
    { type: 'delta', text: 'Hel' },
    { type: 'delta', text: 'lo ' },
    { type: 'delta', text: 'Ada' },
    {
      type: 'call',
      count: { inputTokens: 7, outputTokens: 3 },
      isEstimated: false,
      latencyMs: expect.any(Number),
      firstTokenMs: expect.any(Number),
    },
    { type: 'finish', text: 'Hello Ada', finishReason: 'stop' },
  ])
  expect(fake.requests[0]?.body).toMatchObject({
    model: 'test-model',
    temperature: 0.3,
    max_tokens: 50,
    messages: [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'hi' },
    ],
  })
})

test('a piece arrives before the provider sends the next', async () => {
  const gate = createGate()
  fake.script({ kind: 'slow', chunks: ['one ', 'two'], gate })
  const events = ask('hi')
  gate.open()
  expect((await events.next()).value).toEqual({ type: 'delta', text: 'one ' })
  gate.open()
  expect((await events.next()).value).toEqual({ type: 'delta', text: 'two' })
  gate.open()
  expect(typesOf(await collect(events))).toEqual(['call', 'finish'])
})

test('missing usage is null', async () => {
  fake.script({ kind: 'text', text: 'Hi', usage: null })
  const call = (await collect(ask('hi'))).find(({ type }) => type === 'call')
  expect(call).toMatchObject({ count: { inputTokens: null, outputTokens: null } })
})

test('a provider uses a tool and answers from its result', async () => {
  const { map, tools } = memoryTools()
  fake.script({ kind: 'tool', name: 'remember', arguments: { key: 'name', value: 'Ada' } }, { kind: 'text', text: 'Noted.' })
  const events = await collect(ask('I am Ada', { tools }))
  expect(typesOf(events)).toEqual(['tool-input', 'call', 'tool', 'delta', 'call', 'finish'])
  expect(events[2]).toEqual({
    type: 'tool',
    name: 'remember',
    input: { key: 'name', value: 'Ada' },
    result: { key: 'name', value: 'Ada' },
    ms: expect.any(Number),
  })
  expect(map.get('name')).toBe('Ada')
  expect(fake.requests[1]?.body?.messages.at(-1)).toMatchObject({ role: 'tool', content: '{"key":"name","value":"Ada"}' })
})

test('local/commands remembers and recalls through the same tools', async () => {
  const { tools } = memoryTools()
  const say = async (content: string) => (await collect(ask(content, { model: local(), tools }))).at(-1)
  expect(await say('remember my name is Ada')).toEqual({ type: 'finish', text: 'I will remember that name is Ada.', finishReason: 'stop' })
  expect(await say('what is my name?')).toMatchObject({ text: 'name is Ada.' })
  expect(await say('what do you remember?')).toMatchObject({ text: 'I remember:\n- name is Ada' })
  expect(await say('calculate 2 * (3 + 4)')).toMatchObject({ text: '2 * (3 + 4) = 14' })
  expect(await say('calculate 1/0')).toMatchObject({ text: 'That did not work: The result is infinite or too large.' })
  expect(await say('forget name')).toMatchObject({ text: 'I have forgotten name.' })
  expect(await say('recall name')).toMatchObject({ text: 'I do not know name.' })
  expect(await say('tell me a story')).toMatchObject({ text: expect.stringMatching(/not a language model[^]*OPENAI_COMPATIBLE_BASE_URL/) })
})

test('local/commands streams words, counts them, and knows the conversation it was sent', async () => {
  const messages = ['hello', 'hi there', 'history'].map((content, index) => ({
    role: index % 2 ? ('assistant' as const) : ('user' as const),
    content,
  }))
  const events = await collect(ask('', { model: local(), messages, system: 'You help.' }))
  expect(events.filter(({ type }) => type === 'delta').length).toBeGreaterThan(5)
  expect(events.at(-2)).toMatchObject({ type: 'call', count: { inputTokens: 6, outputTokens: 11 } })
  expect(events.at(-1)).toMatchObject({ text: 'I was sent 3 messages of this conversation, counting this one.' })
  expect((await collect(ask('recall tone', { model: local() }))).at(-1)).toMatchObject({
    text: expect.stringContaining('does not offer it'),
  })
})

test.each<[string, Behaviour, RegExp, string, number | undefined]>([
  [
    '429',
    { kind: 'status', status: 429, message: 'slow down sk-operator-secret' },
    /failed: the provider answered 429 \(too many requests/,
    '',
    429,
  ],
  ['500', { kind: 'status', status: 500 }, /answered 500 \(the provider has a fault\)/, '', 500],
  [
    '401',
    { kind: 'status', status: 401, message: 'Incorrect key sk-operator-secret' },
    /answered 401 \(the API key was refused\)/,
    '',
    401,
  ],
  [
    '404',
    { kind: 'status', status: 404, message: 'No such model, key sk-operator-secret.' },
    /answered 404 \(it does not know the model\): No such model, /,
    '',
    404,
  ],
  ['garbage', { kind: 'garbage' }, /cannot be read/, '', undefined],
  ['a reset', { kind: 'cut', text: 'Half a ' }, /lost the connection before the end of its answer \([A-Z_]+\)/, 'Half a ', undefined],
  ['an early end', { kind: 'cut', text: 'Half a ', how: 'end' }, /broke off in the middle of its answer/, 'Half a ', undefined],
  ['an empty answer', { kind: 'empty' }, /sent an empty answer/, '', undefined],
])('%s is a failure of the model', async (_name, behaviour, message, partialText, upstreamStatus) => {
  fake.script(behaviour)
  const error = await collect(ask('hi')).catch((failure: unknown) => failure)
  expect(error).toBeInstanceOf(ModelFailed)
  expect(error).toMatchObject({
    kind: upstreamStatus === 429 ? 'rate_limited' : 'upstream',
    code: 'MODEL_FAILED',
    partialText,
    message: expect.stringMatching(message),
  })
  expect((error as ModelFailed).toBody()).toMatchObject({ model: 'test-model' })
  expect((error as ModelFailed).details.upstreamStatus).toBe(upstreamStatus)
  expect((error as ModelFailed).message).toMatch(/^The model "test-model" .*[^.]\.$/)
  expect(JSON.stringify((error as ModelFailed).toBody())).not.toContain('secret')
})

test('a refused connection is a failure of the model', async () => {
  const closed = await startFakeOpenAi()
  await closed.close()
  const env = readEnv({ OPENAI_COMPATIBLE_BASE_URL: closed.url })
  await expect(collect(ask('hi', { env, model: resolveModel(env, 'm') }))).rejects.toMatchObject({
    code: 'MODEL_FAILED',
    message: 'The model "m" could not be reached (ECONNREFUSED).',
  })
})

test('silence until the time-out is a failure, and closes the connection', async () => {
  fake.script({ kind: 'hang', gate: createGate() })
  await expect(collect(ask('hi', { silenceMs: 20 }))).rejects.toMatchObject({
    code: 'MODEL_TIMEOUT',
    message: 'The model "test-model" was silent for 0.02 s.',
  })
  await (
    await fake.request(0)
  ).disconnected
})

test('silence in the middle of an answer is a failure that keeps what was said', async () => {
  const gate = createGate()
  fake.script({ kind: 'slow', chunks: ['Half a ', 'sentence'], gate })
  gate.open()
  await expect(collect(ask('hi', { silenceMs: 100 }))).rejects.toMatchObject({ code: 'MODEL_TIMEOUT', partialText: 'Half a ' })
  await (
    await fake.request(0)
  ).disconnected
})

test('a model that only calls tools is stopped', async () => {
  const { tools } = memoryTools()
  fake.script(...Array.from({ length: 3 }, (): Behaviour => ({ kind: 'tool', name: 'list_memory', arguments: {} })))
  await expect(collect(ask('hi', { tools, maxSteps: 3 }))).rejects.toMatchObject({ message: expect.stringContaining('kept calling tools') })
  expect(fake.requests).toHaveLength(3)
})

test('an abort in the middle closes the connection and throws its reason', async () => {
  const gate = createGate()
  const controller = new AbortController()
  const reason = new Error('the client went away')
  fake.script({ kind: 'slow', chunks: ['one ', 'two'], gate })
  const events = ask('hi', { signal: controller.signal })
  gate.open()
  expect((await events.next()).value).toEqual({ type: 'delta', text: 'one ' })
  const next = events.next()
  controller.abort(reason)
  await expect(next).rejects.toBe(reason)
  await (
    await fake.request(0)
  ).disconnected
})

test('an abort before the first byte, or before the start, throws its reason', async () => {
  const controller = new AbortController()
  const reason = new Error('gone')
  fake.script({ kind: 'hang', gate: createGate() })
  const run = collect(ask('hi', { signal: controller.signal }))
  const request = await fake.request(0)
  controller.abort(reason)
  await expect(run).rejects.toBe(reason)
  await request.disconnected
  await expect(collect(ask('hi', { signal: controller.signal }))).rejects.toBe(reason)
  expect(fake.requests).toHaveLength(1)
})

test('an abort stops local/commands between two words', async () => {
  const controller = new AbortController()
  const events = ask('help', { model: local(), signal: controller.signal })
  await events.next()
  controller.abort(new Error('gone'))
  await expect(events.next()).rejects.toThrow('gone')
})

test('leaving the loop closes the connection', async () => {
  const gate = createGate()
  fake.script({ kind: 'slow', chunks: ['one ', 'two'], gate })
  gate.open()
  for await (const event of ask('hi')) if (event.type === 'delta') break
  await (
    await fake.request(0)
  ).disconnected
})

test('the key of the owner is used instead of the operator’s, for OpenAI and OpenRouter', async () => {
  const env = readEnv({ OPENAI_API_KEY: 'other', OPENAI_BASE_URL: fake.url, OPENROUTER_API_KEY: 'other', OPENROUTER_BASE_URL: fake.url })
  const { tools } = memoryTools()
  for (const [id, credentials] of [
    ['openai/gpt-4o-mini', { openai: 'sk-operator-secret' }],
    ['openrouter/openai/gpt-4o-mini', { openrouter: 'sk-operator-secret' }],
  ] as const) {
    fake.script({ kind: 'tool', name: 'calculate', arguments: { expression: '1+1' } }, { kind: 'text', text: 'Two.' })
    const events = await collect(ask('hi', { env, model: resolveModel(env, id, credentials), tools }))
    expect(events.at(-1)).toEqual({ type: 'finish', text: 'Two.', finishReason: 'stop' })
    expect(events.at(-2)).toMatchObject({ type: 'call', count: { outputTokens: 1 } })
    await expect(collect(ask('hi', { env, model: resolveModel(env, id) }))).rejects.toMatchObject({ details: { upstreamStatus: 401 } })
  }
})

test('Anthropic answers with tools, and is always given a token limit', async () => {
  const anthropic = await startFakeAnthropic({ apiKey: 'sk-ant' })
  try {
    const { map, tools } = memoryTools()
    const env = readEnv({ ANTHROPIC_API_KEY: 'sk-ant', ANTHROPIC_BASE_URL: anthropic.url })
    const model = resolveModel(env, 'anthropic/claude-next')
    anthropic.script({ tool: 'remember', input: { key: 'name', value: 'Ada' } }, 'Noted.')
    const events = await collect(ask('I am Ada', { env, model, tools }))
    expect(events.at(-1)).toEqual({ type: 'finish', text: 'Noted.', finishReason: 'stop' })
    expect(events.find(({ type }) => type === 'call')).toMatchObject({ type: 'call', count: { inputTokens: 10, outputTokens: 4 } })
    expect(map.get('name')).toBe('Ada')
    expect(anthropic.requests[0]).toMatchObject({ max_tokens: 4096 })
  } finally {
    await anthropic.close()
  }
})
