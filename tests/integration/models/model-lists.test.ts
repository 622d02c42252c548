import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Model } from '../../../server/api/ai/ai.contract.ts'
import { startFakeModelLists, type FakeModelLists } from '../../fakes/model-lists.ts'
import { startTestServer, type TestAccount, type TestServer } from '../../helpers/test-server.ts'

let providers: FakeModelLists
let server: TestServer
let account: TestAccount
const everyProvider = (url: string, key = '') => ({
  OPENROUTER_API_KEY: `or-key${key}`,
  OPENROUTER_BASE_URL: `${url}/openrouter`,
  OPENAI_API_KEY: `oa-key${key}`,
  OPENAI_BASE_URL: `${url}/openai`,
  ANTHROPIC_API_KEY: `an-key${key}`,
  ANTHROPIC_BASE_URL: `${url}/anthropic`,
  GEMINI_API_KEY: `ge-key${key}`,
  GEMINI_BASE_URL: `${url}/gemini`,
  GROQ_API_KEY: `gr-key${key}`,
  GROQ_BASE_URL: `${url}/groq`,
  OLLAMA_BASE_URL: `${url}/ollama`,
})
beforeAll(async () => {
  providers = await startFakeModelLists()
  server = await startTestServer({ ...everyProvider(providers.url), MODEL_PRICES: 'openai/gpt-new=1/2', SELF_HOSTED_PLAN: 'network' })
  account = await server.createAccount()
})
afterAll(async () => {
  await server.close()
  await providers.close()
})

const listModels = async (path = ''): Promise<Model[]> => (await server.call('GET', `/api/ai/models${path}`, account)).body.models
const find = (models: Model[], id: string) => models.find((model) => model.id === id)

test('the list has what each provider publishes, with what it says of it', async () => {
  const models = await listModels()
  // The short name leads to OpenAI itself, so OpenRouter's needs the prefix; its own price counts.
  expect(find(models, 'openrouter/openai/gpt-4o-mini')).toMatchObject({ provider: 'openrouter', inputCost: 0.0002, outputCost: 0.0008 })
  expect(find(models, 'openai/gpt-4o')).toMatchObject({
    provider: 'openai',
    name: 'GPT-4o',
    inputCost: 0.0025,
    outputCost: 0.01,
    contextWindow: 128_000,
    available: true,
  })
  expect(find(models, 'qwen/coder')).toMatchObject({
    provider: 'openrouter',
    inputCost: 0.001,
    outputCost: 0.002,
    contextWindow: 262_144,
    tags: ['coding', 'long-context'],
  })
  expect(find(models, 'openrouter/auto') ?? find(models, 'openrouter/openrouter/auto')).toMatchObject({ inputCost: null, outputCost: null })
  expect(find(models, 'anthropic/claude-haiku-4-5')).toMatchObject({ provider: 'anthropic', name: 'Claude Haiku 4.5', inputCost: 0.001 })
  expect(find(models, 'google/gemini-2.5-flash')).toMatchObject({ provider: 'google', contextWindow: 1_048_576 })
  expect(find(models, 'groq/llama-3.1-8b-instant')).toMatchObject({ provider: 'groq', contextWindow: 131_072, inputCost: 0.00005 })
  expect(find(models, 'ollama/llama3:8b')).toMatchObject({ provider: 'ollama', inputCost: 0, outputCost: 0 })
  expect(find(models, 'local/commands')).toMatchObject({ available: true })
  for (const absent of ['some/painter', 'openai/whisper-1', 'google/aqa', 'groq/retired']) expect(find(models, absent)).toBeUndefined()
  expect(find(models, 'openai/gpt-new')).toMatchObject({ inputCost: 0.001, outputCost: 0.002 })
  expect(new Set(models.map(({ tags }) => tags.join())).size).toBeGreaterThan(4)
})

test('the list of one provider, and of one there is not', async () => {
  expect((await listModels('/groq')).map(({ id }) => id)).toEqual(['groq/llama-3.1-8b-instant'])
  expect(await listModels('/nobody')).toEqual([])
})

test('a list is asked for once, not with every call', async () => {
  await listModels()
  const before = providers.asked.length
  await Promise.all([listModels(), listModels(), server.call('GET', '/v1/models')])
  expect(providers.asked).toHaveLength(before)
})

test('a task gets a model whose tags fit', async () => {
  const pick = async (taskType?: string) =>
    (await server.call('POST', '/api/ai/models/select', { ...account, body: taskType ? { taskType } : {} })).body
  expect((await pick('coding')).model.tags).toEqual(expect.arrayContaining(['coding']))
  expect((await pick('long')).model.tags).toContain('long-context')
  expect((await pick()).taskType).toBe('general')
  expect((await pick('knitting')).model.tags.some((tag: string) => tag === 'general' || tag === 'balanced')).toBe(true)
})

test('the price of tokens, and a model without one', async () => {
  const estimate = (model: string) =>
    server.call('POST', '/api/ai/estimate-cost', { ...account, body: { model, inputTokens: 2000, outputTokens: 500 } })
  expect((await estimate('openai/gpt-4o')).body).toMatchObject({ estimatedCost: 0.01, currency: 'USD' })
  for (const model of ['openrouter/openrouter/auto', 'openrouter/none/such']) expect((await estimate(model)).status).toBe(404)
})

describe('providers that do not answer', () => {
  let silent: TestServer
  beforeAll(async () => {
    silent = await startTestServer(everyProvider('http://127.0.0.1:9'))
  })
  afterAll(() => silent.close())

  test('leave nothing but the commands to choose from', async () => {
    const { key } = await silent.createAccount()
    const { models } = (await silent.call('GET', '/api/ai/models', { key })).body as { models: Model[] }
    expect(models.map(({ id }) => id)).toEqual(['local/commands'])
    const { model } = (await silent.call('POST', '/api/ai/models/select', { key, body: {} })).body
    expect(model.id).toBe('local/commands')
  })
})

test('health asks every provider', async () => {
  const health = async () => (await server.call('GET', '/api/ai/health', account)).body
  expect(await health()).toMatchObject({
    status: 'healthy',
    providers: { openrouter: true, openai: true, anthropic: true, google: true, groq: true, ollama: true, local: true },
  })
  providers.fail(500)
  expect(await health()).toMatchObject({ status: 'degraded', providers: { openrouter: false, anthropic: false, local: true } })
  providers.fail(undefined)
  expect(await health()).toMatchObject({ status: 'healthy' })
})

test('a key of your own is tried at the provider first, and only a signed-in session can set one', async () => {
  const set = (apiKey: string, caller: object) => server.trpc(caller).ai.setProviderKey.mutate({ provider: 'openai', apiKey })
  const { cookie, key } = account
  await expect(set('wrong', { cookie })).rejects.toThrow('apiKey: expected a key that openai accepts')
  await expect(set('oa-key', { key })).rejects.toThrow('an API key cannot do it')
  await expect(set('oa-key', { cookie })).resolves.toMatchObject({ provider: 'openai' })
})
