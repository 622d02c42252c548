import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { flushUsage } from '../../../server/models/metering/metering.service.ts'
import { withEnv } from '../../contract/with-env.ts'
import { startFakeAnthropic, type FakeAnthropic } from '../../fakes/anthropic.ts'
import { createGate, startFakeOpenAi, type Behaviour, type FakeOpenAi } from '../../fakes/openai.ts'
import { setAccount } from '../../helpers/set-account.ts'
import { eventsOf } from '../../helpers/sse.ts'
import { startTestServer, type TestAccount, type TestServer } from '../../helpers/test-server.ts'

// Providers that fail in every way they can, and what the caller gets, and is billed for.

let openai: FakeOpenAi
let openrouter: FakeOpenAi
let anthropic: FakeAnthropic
let server: TestServer
let account: TestAccount
beforeAll(async () => {
  openai = await startFakeOpenAi({ apiKey: 'oa-key' })
  openrouter = await startFakeOpenAi({ apiKey: 'or-key' })
  anthropic = await startFakeAnthropic({ apiKey: 'an-key' })
  server = await startTestServer({
    OPENAI_API_KEY: 'oa-key',
    OPENAI_BASE_URL: openai.url,
    OPENROUTER_API_KEY: 'or-key',
    OPENROUTER_BASE_URL: openrouter.url,
    ANTHROPIC_API_KEY: 'an-key',
    ANTHROPIC_BASE_URL: anthropic.url,
    MODEL_TIMEOUT_SECONDS: '2',
  })
})
beforeEach(async () => {
  account = await server.createAccount()
  openai.requests.length = 0
  openrouter.requests.length = 0
})
afterAll(async () => {
  await server.close()
  await Promise.all([openai.close(), openrouter.close(), anthropic.close()])
})

const MODEL = 'openai/gpt-4o-mini'
const complete = (body: object = {}, caller: object = account) =>
  server.call('POST', '/v1/chat/completions', {
    ...caller,
    body: { model: MODEL, messages: [{ role: 'user', content: 'Name a knot' }], ...body },
  })

async function usage() {
  await flushUsage(server.platform)
  return server.platform.databases.system.selectFrom('usageEvents').where('accountId', '=', account.id).orderBy('id').selectAll().execute()
}

const failures: [what: string, behaviour: Behaviour][] = [
  ['429', { kind: 'status', status: 429 }],
  ['500', { kind: 'status', status: 500 }],
  ['401', { kind: 'status', status: 401 }],
  ['garbage', { kind: 'garbage' }],
]

describe('a provider that fails', () => {
  test.each(failures)('with %s gives way to the next one for the same model', async (_, behaviour) => {
    openai.script(behaviour)
    openrouter.script({ kind: 'text', text: 'Bowline.' })
    const answer = await complete()
    expect(answer).toMatchObject({ status: 200, body: { model: MODEL, choices: [{ message: { content: 'Bowline.' } }] } })
    expect(answer.headers.get('x-agentbot-provider')).toBe('openrouter')
    expect(openrouter.requests.at(-1)!.body!.model).toBe(MODEL)
    expect(await usage()).toMatchObject([
      { provider: 'openai', outcome: 'failed', inputTokens: null, costNanoUsd: null },
      { provider: 'openrouter', outcome: 'ok', outputTokens: 1 },
    ])
  })

  test.each(failures)('with %s, streaming, gives way before the first piece', async (_, behaviour) => {
    openai.script(behaviour)
    openrouter.script({ kind: 'text', text: ['Bow', 'line.'] })
    const { status, body } = await complete({ stream: true })
    expect(status).toBe(200)
    expect(body).toContain('"content":"Bow"')
    expect(body.trim().endsWith('data: [DONE]')).toBe(true)
  })

  test('everywhere is the clear failure of the last one', async () => {
    openai.script({ kind: 'status', status: 429 })
    openrouter.script({ kind: 'status', status: 500 })
    expect(await complete()).toMatchObject({
      status: 502,
      body: { error: { code: 'MODEL_FAILED', upstreamStatus: 500, message: expect.stringContaining('the provider has a fault') } },
    })
  })

  test('gives way to the models the caller names', async () => {
    openai.script({ kind: 'status', status: 500 })
    openrouter.script({ kind: 'status', status: 500 }, { kind: 'text', text: 'Cleat hitch.' })
    expect((await complete({ models: ['meta/llama'] })).body).toMatchObject({
      model: 'meta/llama',
      choices: [{ message: { content: 'Cleat hitch.' } }],
    })
  })

  test('because of the request is a 400 at once, and no other is bothered', async () => {
    openai.script({ kind: 'status', status: 400, message: 'The tools make no sense.' })
    expect(await complete()).toMatchObject({
      status: 400,
      body: { error: { code: 'MODEL_REFUSED_REQUEST', message: expect.stringContaining('The tools make no sense') } },
    })
    expect(openrouter.requests).toHaveLength(0)
  })

  test('in the middle of a stream ends it with an error, and what was said is billed', async () => {
    openai.script({ kind: 'cut', text: 'A bowline is ' })
    const { status, body } = await complete({ stream: true })
    expect(status).toBe(200)
    expect(body).toContain('A bowline is ')
    expect(body).not.toContain('[DONE]')
    const last = JSON.parse(body.trim().split('\n').at(-1)!.slice('data: '.length))
    expect(last.error).toMatchObject({ code: 'MODEL_FAILED', type: 'server_error' })
    expect(await usage()).toMatchObject([
      { outcome: 'failed', isEstimated: true, inputTokens: 3, outputTokens: 4, costNanoUsd: 3 * 150 + 4 * 600 },
    ])
  })

  test('by ending half a stream is noticed', async () => {
    openai.script({ kind: 'cut', text: 'A bowline is ', how: 'end' })
    expect((await complete({ stream: true })).body).toContain('broke off in the middle of its answer')
  })
})

describe('a provider that takes its time', () => {
  test('is given up while there is time for the next one', async () => {
    const gate = createGate()
    openai.script({ kind: 'hang', gate })
    openrouter.script({ kind: 'text', text: 'Bowline.' })
    const answer = await complete()
    expect(answer).toMatchObject({ status: 200, body: { choices: [{ message: { content: 'Bowline.' } }] } })
    await openai.requests[0]!.disconnected
  })

  test('is given up in the end', async () => {
    const gate = createGate()
    openai.script({ kind: 'hang', gate })
    openrouter.script({ kind: 'hang', gate })
    expect(await complete()).toMatchObject({ status: 502, body: { error: { code: 'MODEL_TIMEOUT' } } })
    await openrouter.requests[0]!.disconnected
  })

  test('between pieces is cut off when the time is up, and what was said is billed', async () => {
    const gate = createGate()
    gate.open()
    openai.script({ kind: 'slow', chunks: ['A bowline ', 'is a knot.'], gate })
    const { body } = await complete({ stream: true })
    expect(body).toContain('A bowline ')
    expect(body).toContain('MODEL_TIMEOUT')
    await openai.requests[0]!.disconnected
    expect(await usage()).toMatchObject([{ outcome: 'failed', isEstimated: true, outputTokens: 3 }])
  })

  test('does not use up connections for others', async () => {
    const gate = createGate()
    const hanging: Behaviour[] = Array.from({ length: 40 }, () => ({ kind: 'hang', gate }))
    openai.script(...hanging)
    openrouter.script(...hanging)
    const answers = await Promise.all(hanging.map(() => complete()))
    expect(answers.every(({ status }) => status === 502)).toBe(true)
    expect((await complete()).status).toBe(200)
  })
})

describe('Anthropic, which speaks another language', () => {
  const ask = { model: 'anthropic/claude-haiku-4-5' }

  test('is spoken to in its own', async () => {
    const answer = await complete({
      ...ask,
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'Name a knot' },
      ],
    })
    expect(answer).toMatchObject({ status: 200, body: { model: 'anthropic/claude-haiku-4-5', choices: [{ finish_reason: 'stop' }] } })
    expect(answer.body.choices[0].message.content).toBe('Hello from Claude.')
    expect(anthropic.requests.at(-1)).toMatchObject({ system: [{ text: 'Be brief.' }], messages: [{ role: 'user' }] })
    expect(answer.body.usage.cost).toBeGreaterThan(0)
  })

  test('streams', async () => {
    const { body } = await complete({ ...ask, stream: true })
    expect(body).toContain('"finish_reason":"stop"')
    expect(body).toContain('"usage":{"prompt_tokens":10,"completion_tokens":4')
  })

  test('calls tools', async () => {
    anthropic.script({ tool: 'weather', input: { place: 'Kiel' } })
    const tools = [{ type: 'function', function: { name: 'weather', parameters: { type: 'object', properties: {} } } }]
    const { body } = await complete({ ...ask, tools })
    expect(body.choices[0]).toMatchObject({
      finish_reason: 'tool_calls',
      message: { content: null, tool_calls: [{ id: 'toolu_1', function: { name: 'weather', arguments: '{"place":"Kiel"}' } }] },
    })
    const called = body.choices[0].message
    const question = { role: 'user', content: 'Weather?' }
    const result = { role: 'tool', tool_call_id: 'toolu_1', content: 'windy' }
    expect((await complete({ ...ask, tools, messages: [question, called, result] })).status).toBe(200)
    expect(anthropic.requests.at(-1)!.messages.at(-1)).toMatchObject({ content: [{ type: 'tool_result', tool_use_id: 'toolu_1' }] })
  })

  test('is not sent what it cannot take', async () => {
    expect(await complete({ ...ask, logprobs: true })).toMatchObject({ status: 400, body: { error: { param: 'logprobs' } } })
  })
})

describe('what an account may use', () => {
  test('ends with the tokens of its plan', async () => {
    await withEnv(server, { SELF_HOSTED_PLAN: 'solo' }, async () => {
      openai.script({ kind: 'text', text: 'Long.', usage: { prompt_tokens: 1_999_999, completion_tokens: 1, total_tokens: 2_000_000 } })
      expect((await complete()).status).toBe(200)
      const refused = await complete()
      expect(refused).toMatchObject({
        status: 429,
        body: { error: { code: 'QUOTA_EXCEEDED', type: 'insufficient_quota', used: 2_000_000, limit: 2_000_000 } },
      })
      // Clients wait for as long as they are told to: a month is not among it.
      expect(Number(refused.headers.get('retry-after') ?? 0)).toBeLessThanOrEqual(60)
      expect(refused.headers.get('x-should-retry')).toBe('false')
      expect(Date.parse(refused.body.error.resetsAt)).toBeGreaterThan(Date.now())
      const { key } = account
      expect(await server.call('POST', '/api/ai/chat', { key, body: { messages: [{ role: 'user', content: 'x' }] } })).toMatchObject({
        status: 429,
        body: { code: 'QUOTA_EXCEEDED' },
      })
      expect(openai.requests.filter(({ method }) => method === 'POST')).toHaveLength(1)
    })
  })

  test('ends for a key at what it may spend in a month', async () => {
    const { key } = (await server.call('POST', '/api/keys', { cookie: account.cookie, body: { name: 'limited', spendLimitCents: 1 } })).body
    openai.script({ kind: 'text', text: 'Dear.', usage: { prompt_tokens: 60_000, completion_tokens: 2_000, total_tokens: 62_000 } })
    expect((await complete({}, { key })).body.usage.cost).toBeCloseTo(0.0102)
    expect(await complete({}, { key })).toMatchObject({
      status: 429,
      body: { error: { code: 'SPEND_LIMIT_REACHED', limitCents: 1, spentCents: 1.02 } },
    })
    expect((await complete()).status).toBe(200)
  })

  test('is what its plan covers', async () => {
    await withEnv(server, { SELF_HOSTED_PLAN: 'solo' }, async () => {
      expect(await complete({ model: 'openai/gpt-4o' })).toMatchObject({
        status: 403,
        body: { error: { code: 'MODEL_RESTRICTED', type: 'permission_error' } },
      })
      const { key } = account
      const refused = await server.call('POST', '/api/ai/chat', {
        key,
        body: { model: 'openai/gpt-4o', messages: [{ role: 'user', content: 'x' }] },
      })
      expect(refused).toMatchObject({
        status: 403,
        body: { code: 'MODEL_RESTRICTED', allowedModels: ['openai/gpt-4o-mini', 'google/gemini-2.0-flash', 'xiaomi/mimo-v2-pro'] },
      })
      // A fallback the plan does not cover is not tried.
      openai.script({ kind: 'status', status: 500 })
      openrouter.script({ kind: 'status', status: 500 })
      expect((await complete({ models: ['openai/gpt-4o'] })).status).toBe(502)
    })
  })

  test('goes out on its own key, which its plan does not limit', async () => {
    await server.trpc({ cookie: account.cookie }).ai.setProviderKey.mutate({ provider: 'openai', apiKey: 'oa-key' })
    await withEnv(server, { SELF_HOSTED_PLAN: 'solo', OPENAI_API_KEY: 'of-the-operator' }, async () => {
      openai.script({ kind: 'text', text: 'Mine.', usage: { prompt_tokens: 3_000_000, completion_tokens: 1, total_tokens: 3_000_001 } })
      expect((await complete({ model: 'openai/gpt-4o' })).status).toBe(200)
      expect(openai.requests.at(-1)!.authorization).toBe('Bearer oa-key')
      expect((await complete({ model: 'openai/gpt-4o' })).status).toBe(200)
      expect((await usage()).every(({ isOwnKey }) => isOwnKey)).toBe(true)
      await server.trpc({ cookie: account.cookie }).ai.removeProviderKey.mutate({ provider: 'openai' })
      expect((await complete({ model: 'openai/gpt-4o' })).status).toBe(403)
    })
  })

  test('needs a plan where plans are sold', async () => {
    const { key, id } = account
    const chat = (headers: Record<string, string> = {}) =>
      server.call('POST', '/api/ai/chat', { key, headers, body: { model: MODEL, messages: [{ role: 'user', content: 'x' }] } })
    await withEnv(server, { STRIPE_SECRET_KEY: 'sk_test_x' }, async () => {
      expect((await chat()).status).toBe(200)
      await setAccount(server, id, { trialEndsAt: new Date(0).toISOString() })
      expect(await chat()).toMatchObject({ status: 402, body: { code: 'PLAN_REQUIRED' } })
      expect(await complete()).toMatchObject({ status: 402, body: { error: { type: 'insufficient_quota' } } })
      await setAccount(server, id, { plan: 'solo', subscriptionStatus: 'past_due', stripeSubscriptionId: 'sub_mine' })
      expect(await chat()).toMatchObject({ status: 402, body: { code: 'SUBSCRIPTION_REQUIRED' } })
      await setAccount(server, id, { subscriptionStatus: 'active' })
      expect((await chat({ 'x-stripe-subscription-id': 'sub_mine', 'x-user-plan': 'network' })).status).toBe(200)
      expect(await chat({ 'x-stripe-subscription-id': 'sub_of_another' })).toMatchObject({
        status: 402,
        body: { code: 'SUBSCRIPTION_MISMATCH' },
      })
    })
  })
})

describe('the AI chat', () => {
  const chat = (body: object, headers: Record<string, string> = {}) =>
    server.call('POST', '/api/ai/chat', {
      key: account.key,
      headers,
      body: { messages: [{ role: 'user', content: 'Name a knot' }], ...body },
    })

  test('picks a model for the task, and another when that fails', async () => {
    await withEnv(server, { FALLBACK_MODELS: 'openai/gpt-4.1' }, async () => {
      openai.script({ kind: 'status', status: 503 }, { kind: 'text', text: 'Figure eight.' })
      openrouter.script({ kind: 'status', status: 503 })
      const { status, body } = await chat({ model: MODEL })
      expect(status).toBe(200)
      expect(body).toMatchObject({ model: 'openai/gpt-4.1', provider: 'openai', message: { role: 'assistant', content: 'Figure eight.' } })
      expect(body.cost).toBeGreaterThan(0)
    })
  })

  test('streams as agents do', async () => {
    openai.script({ kind: 'text', text: ['Figure ', 'eight.'] })
    const { body } = await chat({ model: MODEL }, { accept: 'text/event-stream' })
    const events = await Array.fromAsync(eventsOf(new Response(body)))
    expect(events.map(({ event }) => event)).toEqual(['delta', 'delta', 'done'])
    expect(events.at(-1)!.data).toMatchObject({ model: MODEL, message: { content: 'Figure eight.' }, usage: { completion_tokens: 2 } })
  })

  test('adds its prompt for step-by-step work once', async () => {
    await chat({ model: MODEL, algorithmMode: true })
    const sent = openai.requests.at(-1)!.body!.messages
    expect(sent).toHaveLength(2)
    expect(sent[0]).toMatchObject({ role: 'system', content: expect.stringContaining('step by step') })
    await chat({ model: MODEL, algorithmMode: true, messages: sent })
    expect(openai.requests.at(-1)!.body!.messages).toHaveLength(2)
  })
})

test('calls are counted on every server that restarts, and by agents as well', async () => {
  const { agent } = (await server.call('POST', '/api/agents/provision', { key: account.key, body: { name: 'Clerk', model: MODEL } })).body
  openai.script({ kind: 'text', text: 'Ahoy.', usage: { prompt_tokens: 1000, completion_tokens: 100, total_tokens: 1100 } })
  await server.call('POST', '/api/chat', { key: account.key, body: { message: 'Hello', agentId: agent.id } })
  expect(await usage()).toMatchObject([{ agentId: agent.id, costNanoUsd: 1000 * 150 + 100 * 600, keyId: expect.any(String) }])
  const months = await server.platform.databases.system.selectFrom('usageMonths').where('accountId', '=', account.id).selectAll().execute()
  expect(months).toMatchObject([{ calls: 1, tokens: 1100, costNanoUsd: 210_000 }])
})
