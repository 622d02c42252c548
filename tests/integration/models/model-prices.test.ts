import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { flushUsage } from '../../../server/models/metering/metering.service.ts'
import { budgetGateOf } from '../../../server/money/budgets/index.ts'
import { createGate, startFakeOpenAi, type FakeOpenAi } from '../../fakes/openai.ts'
import { startFakeModelLists, type FakeModelLists } from '../../fakes/model-lists.ts'
import { startTestServer, type TestAccount, type TestServer } from '../../helpers/test-server.ts'

// What a call costs is known from the first call after a start on, and where spending is limited only what is known is sold.

let provider: FakeOpenAi
let lists: FakeModelLists
let server: TestServer
let account: TestAccount
beforeAll(async () => {
  provider = await startFakeOpenAi()
  lists = await startFakeModelLists()
  server = await startTestServer({
    OPENAI_COMPATIBLE_BASE_URL: provider.url,
    OPENROUTER_API_KEY: 'or-key',
    OPENROUTER_BASE_URL: `${lists.url}/openrouter`,
    MODEL_PRICES: 'compatible/priced=1/2',
    DEFAULT_MODEL: 'compatible/priced',
  })
  account = await server.createAccount()
})
beforeEach(() => void (provider.requests.length = 0))
afterAll(async () => {
  await server.close()
  await Promise.all([provider.close(), lists.close()])
})

const usage = { prompt_tokens: 1000, completion_tokens: 100, total_tokens: 1100 }
const messages = [{ role: 'user', content: 'Name a knot' }]
const complete = (body: object, key = account.key) => server.call('POST', '/v1/chat/completions', { key, body: { messages, ...body } })

async function limitedKey(): Promise<string> {
  const { body } = await server.call('POST', '/api/keys', { cookie: account.cookie, body: { name: 'limited', spendLimitCents: 500 } })
  return body.key
}

const provision = async (config: object): Promise<string> =>
  (await server.call('POST', '/api/agents/provision', { key: account.key, body: { name: 'Clerk', config } })).body.agent.id
const chat = (agentId: string, key: string) => server.call('POST', '/api/chat', { key, body: { agentId, message: 'Hello' } })

test('the price the operator set counts for the very first call, without anybody having listed the models', async () => {
  provider.script({ kind: 'text', text: 'Bowline.', usage })
  const { body, headers } = await complete({ model: 'compatible/priced' })
  expect(body.usage.cost).toBeCloseTo(0.0012)
  expect(headers.get('x-agentbot-cost')).toBe('0.0012')
  expect(provider.requests.map(({ path }) => path)).toEqual(['/v1/chat/completions'])
})

test('and for the first call of an agent', async () => {
  const agentId = await provision({})
  provider.script({ kind: 'text', text: 'Bowline.', usage })
  expect((await chat(agentId, account.key)).body.usage.cost).toBeCloseTo(0.0012)
})

describe('a key that may spend only so much', () => {
  let key: string
  beforeAll(async () => {
    key = await limitedKey()
  })

  test('may use what only its provider knows the price of: it is asked before the first call', async () => {
    // That fake lists models and has none of them.
    expect(await complete({ model: 'qwen/coder' }, key)).toMatchObject({ status: 404, body: { error: { code: 'MODEL_NOT_FOUND' } } })
  })

  const unknown = { code: 'PRICE_UNKNOWN', model: 'compatible/unpriced' }

  test('is refused a model whose price nobody knows, and the provider is not asked', async () => {
    expect(await complete({ model: 'compatible/unpriced' }, key)).toMatchObject({ status: 403, body: { error: unknown } })
    expect(await complete({ model: 'compatible/unpriced', stream: true }, key)).toMatchObject({ status: 403, body: { error: unknown } })
    const ai = await server.call('POST', '/api/ai/chat', { key, body: { model: 'compatible/unpriced', messages } })
    expect(ai).toMatchObject({ status: 403, body: unknown })
    const embedding = await server.call('POST', '/v1/embeddings', { key, body: { model: 'compatible/unpriced', input: 'x' } })
    expect(embedding).toMatchObject({ status: 403, body: { error: unknown } })
    expect(provider.requests.filter(({ method }) => method === 'POST')).toHaveLength(0)
  })

  test('is served one whose price is known', async () => {
    expect((await complete({ model: 'compatible/priced' }, key)).status).toBe(200)
  })

  test('is not handed to a fallback without a price', async () => {
    provider.script({ kind: 'status', status: 500 })
    expect((await complete({ model: 'compatible/priced', models: ['compatible/unpriced'] }, key)).status).toBe(502)
    expect(provider.requests.map(({ body }) => body!.model)).toEqual(['priced'])
  })

  test('is refused by an agent with such a model, and passed over by its fallbacks', async () => {
    const refused = await chat(await provision({ model: 'compatible/unpriced' }), key)
    expect(refused).toMatchObject({ status: 403, body: unknown })
    expect(provider.requests.filter(({ method }) => method === 'POST')).toHaveLength(0)
    const agentId = await provision({ model: 'compatible/priced', fallbacks: ['compatible/unpriced', 'local/commands'] })
    provider.script({ kind: 'status', status: 500 })
    expect(await chat(agentId, key)).toMatchObject({ status: 200, body: { model: 'local/commands' } })
  })

  test('is served on a key of its account at the provider only at a known price too', async () => {
    await server.trpc({ cookie: account.cookie }).ai.setProviderKey.mutate({ provider: 'openai', apiKey: 'own' })
    expect(await complete({ model: 'openai/gpt-99' }, key)).toMatchObject({ status: 403, body: { error: { code: 'PRICE_UNKNOWN' } } })
    await server.trpc({ cookie: account.cookie }).ai.removeProviderKey.mutate({ provider: 'openai' })
  })

  test('may use what costs nothing', async () => {
    expect((await complete({ model: 'local/commands' }, key)).status).toBe(200)
  })
})

describe('a price that changes while a call runs', () => {
  const TOKENS_AT_OLD_PRICES = 1000 * 1000 + 100 * 2000

  /** Makes a call, and has its model become ten times as dear before it is answered. */
  async function meanwhileDearer(call: (key: string) => Promise<unknown>): Promise<void> {
    const { id, key } = (
      await server.call('POST', '/api/keys', { cookie: account.cookie, body: { name: 'limited', spendLimitCents: 500 } })
    ).body
    const gate = createGate()
    const { env, databases } = server.platform
    const prices = env.MODEL_PRICES
    const text = `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content: 'Bowline.' }, finish_reason: 'stop' }] })}\n\n`
    provider.script({ kind: 'raw', packets: [gate, text, `data: ${JSON.stringify({ choices: [], usage })}\n\n`, 'data: [DONE]\n\n'] })
    const asked = provider.requests.length
    const answer = call(key)
    await provider.request(asked)
    Object.assign(env, { MODEL_PRICES: { 'compatible/priced': { input: 10, output: 20 } } })
    gate.open()
    await answer
    await flushUsage(server.platform)
    await budgetGateOf(server.platform).tell()
    Object.assign(env, { MODEL_PRICES: prices })
    const { system } = databases
    const row = await system.selectFrom('usageEvents').where('keyId', '=', id).select('costNanoUsd').executeTakeFirstOrThrow()
    const period = await system.selectFrom('budgetPeriods').where('budgetId', '=', `key:${id}`).select('spent').executeTakeFirstOrThrow()
    expect([row.costNanoUsd, period.spent]).toEqual([TOKENS_AT_OLD_PRICES, TOKENS_AT_OLD_PRICES])
  }

  test('is not that of the call, which is billed as it was reserved', async () => {
    await meanwhileDearer((key) => complete({ model: 'compatible/priced' }, key))
  })

  test('nor that of one that is streamed', async () => {
    await meanwhileDearer((key) => complete({ model: 'compatible/priced', stream: true }, key))
  })

  test('nor that of a call of an agent', async () => {
    const agentId = await provision({ model: 'compatible/priced' })
    await meanwhileDearer((key) => chat(agentId, key))
  })
})
