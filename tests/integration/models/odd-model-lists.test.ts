import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Model } from '../../../server/api/ai/ai.contract.ts'
import { lookUpModel } from '../../../server/models/catalogue/model-lists.ts'
import { startTolerantProvider, type TolerantProvider } from '../../fakes/tolerant-provider.ts'
import { startTestServer, type TestServer } from '../../helpers/test-server.ts'

// Lists of models as servers write them, and what is said of a provider that does not answer.

let provider: TolerantProvider
let server: TestServer | undefined
beforeEach(async () => {
  provider = await startTolerantProvider()
})
afterEach(async () => {
  vi.restoreAllMocks()
  await server?.close()
  server = undefined
  await provider.close()
})

interface Listed {
  id: string
  created: number
}

const start = async (variables: Record<string, string>) => (server = await startTestServer(variables))
const compatible = () => start({ OPENAI_COMPATIBLE_BASE_URL: provider.url })
const openai = () => start({ OPENAI_API_KEY: 'k', OPENAI_BASE_URL: provider.url })

/** What `/v1/models` has besides what is always there. */
async function listed(): Promise<Listed[]> {
  const { data } = (await server!.call('GET', '/v1/models')).body as { data: Listed[] }
  return data.filter(({ id }) => id !== 'local/commands')
}
const ids = async () => (await listed()).map(({ id }) => id)

async function models(path = ''): Promise<Model[]> {
  const { key } = await server!.createAccount()
  const { body } = await server!.call('GET', `/api/ai/models${path}`, { key })
  return (body.models as Model[]).filter(({ id }) => id !== 'local/commands')
}

const realNow = performance.now.bind(performance)

/** Sets the clock that ages lists so far ahead. */
const setAhead = (minutes: number) => void vi.spyOn(performance, 'now').mockImplementation(() => realNow() + minutes * 60_000)

describe('a list is read as far as it can be understood', () => {
  test('a bare array', async () => {
    provider.answer('/models', [{ id: 'llama' }, { id: 'qwen' }])
    await compatible()
    expect(await ids()).toEqual(['compatible/llama', 'compatible/qwen'])
  })

  test('a context of nothing, or in words, and a time in words', async () => {
    provider.answer('/models', {
      data: [
        { id: 'none', context_window: 0, created: '1715000000' },
        { id: 'words', max_model_len: '8192', created: '2024-05-06T12:53:20Z' },
        { id: 'odd', context_window: -1, max_context_length: 1.5, created: {}, active: 'yes' },
        { id: 'huge', created: 1e300 },
      ],
    })
    await compatible()
    expect((await models()).map(({ name, contextWindow }) => [name, contextWindow])).toEqual([
      ['none', null],
      ['words', 8192],
      ['odd', null],
      ['huge', null],
    ])
    expect((await listed()).map(({ created }) => created)).toEqual([1_715_000_000, 1_715_000_000, 0, 0])
  })

  test('one broken entry among good ones', async () => {
    provider.answer('/models', { data: [{ id: 'good' }, null, 'text', { name: 'nameless' }, { id: 7 }, { id: '' }, { id: 'too' }] })
    await compatible()
    expect(await ids()).toEqual(['compatible/good', 'compatible/too'])
  })

  test('of which nothing is good counts as no answer', async () => {
    provider.answer('/models', { data: [{ name: 'nameless' }] })
    await compatible()
    expect(await ids()).toEqual([])
  })

  test('of OpenRouter, with prices left out and prices of cached tokens', async () => {
    const pricing = { prompt: '0.000003', completion: 0.000015, input_cache_read: '0.0000003', input_cache_write: '0.00000375' }
    provider.answer('/models', {
      data: [
        { id: 'a/priced', pricing, created: '1715000000' },
        { id: 'a/bare', architecture: 'text' },
      ],
    })
    await start({ OPENROUTER_API_KEY: 'k', OPENROUTER_BASE_URL: provider.url, MODEL_PRICES: 'openrouter/a/set=1/2:cacheRead=0.5' })
    expect(await listed()).toMatchObject([
      { id: 'a/priced', created: 1_715_000_000 },
      { id: 'a/bare', created: 0 },
    ])
    const { env } = server!.platform
    const cached = { cacheReadPrice: 0.3, cacheWritePrice: 3.75 }
    expect(lookUpModel(env, 'openrouter', 'a/priced')).toMatchObject({ inputPrice: 3, outputPrice: 15, ...cached })
    expect(lookUpModel(env, 'openrouter', 'a/bare')).toMatchObject({ inputPrice: null, cacheReadPrice: null })
  })
})

test('prices of cached tokens: as the operator set them, else as the price pages say', async () => {
  provider.answer('/models', [{ id: 'gpt-4o-mini' }, { id: 'gpt-4o' }, { id: 'gpt-4.1' }])
  await start({
    OPENAI_API_KEY: 'k',
    OPENAI_BASE_URL: provider.url,
    MODEL_PRICES: 'openai/gpt-4o=2/8:cacheRead=0.5:cacheWrite=3,openai/gpt-4.1=2/8',
  })
  await listed()
  const pricesOf = (name: string, vendor: 'openai' | 'anthropic' = 'openai') => lookUpModel(server!.platform.env, vendor, name)
  expect(pricesOf('gpt-4o-mini')).toMatchObject({ inputPrice: 0.15, cacheReadPrice: 0.075, cacheWritePrice: null })
  expect(pricesOf('gpt-4o')).toMatchObject({ inputPrice: 2, cacheReadPrice: 0.5, cacheWritePrice: 3 })
  // What he did not set he is not said to have set.
  expect(pricesOf('gpt-4.1')).toMatchObject({ inputPrice: 2, cacheReadPrice: null, cacheWritePrice: null })
  expect(pricesOf('claude-sonnet-4-5', 'anthropic')).toMatchObject({ inputPrice: 3, cacheReadPrice: 0.3, cacheWritePrice: 3.75 })
})

test('prices that cannot be read are refused at the start', async () => {
  await expect(start({ MODEL_PRICES: 'openai/gpt-4o=2/8:cached=1' })).rejects.toThrow('MODEL_PRICES')
})

describe('a provider that does not answer', () => {
  test('has no models if it never said which', async () => {
    await openai()
    expect(await ids()).toEqual([])
    expect(await models()).toEqual([])
    expect((await server!.call('GET', '/v1/models/openai/gpt-4o-mini')).status).toBe(404)
  })

  test('has those it had an hour ago at most, which cannot be used now', async () => {
    provider.answer('/models', [{ id: 'gpt-4o-mini' }])
    await openai()
    expect(await models()).toMatchObject([{ id: 'openai/gpt-4o-mini', available: true }])
    provider.answer('/models', undefined)
    setAhead(20)
    expect(await models()).toMatchObject([{ id: 'openai/gpt-4o-mini', available: false }])
    expect(await ids()).toEqual([])
    setAhead(70)
    expect(await models()).toEqual([])
  })

  test('is there again as soon as it answers', async () => {
    await openai()
    expect(await ids()).toEqual([])
    provider.answer('/models', [{ id: 'gpt-4o-mini' }])
    setAhead(1)
    expect(await ids()).toEqual(['openai/gpt-4o-mini'])
  })
})

test('the first list after idle hours is the one of now', async () => {
  provider.answer('/models', [{ id: 'old' }])
  await openai()
  expect(await ids()).toEqual(['openai/old'])
  provider.answer('/models', [{ id: 'new' }])
  setAhead(180)
  expect(await ids()).toEqual(['openai/new'])
})

describe('a provider goes by its other name as well', () => {
  beforeEach(async () => {
    provider.answer('/models?pageSize=1000', {
      models: [{ name: 'models/gemini-2.5-flash', supportedGenerationMethods: ['generateContent'] }],
    })
    provider.answer('/openai/chat/completions', { choices: [{ message: { content: 'Bowline.' } }] })
    await start({ GEMINI_API_KEY: 'k', GEMINI_BASE_URL: provider.url })
  })

  test('for its models', async () => {
    expect(await models('/gemini')).toMatchObject([{ id: 'google/gemini-2.5-flash', provider: 'google' }])
    expect(await models('/google')).toHaveLength(1)
  })

  test('in the id of a model', async () => {
    const { key } = await server!.createAccount()
    const body = { model: 'gemini/gemini-2.5-flash', messages: [{ role: 'user', content: 'Name a knot' }] }
    expect((await server!.call('POST', '/v1/chat/completions', { key, body })).body).toMatchObject({ model: 'google/gemini-2.5-flash' })
    expect(provider.bodies.at(-1)).toMatchObject({ model: 'gemini-2.5-flash' })
  })

  test('for an agent, and its model', async () => {
    const { key } = await server!.createAccount()
    const provision = (config: object) => server!.call('POST', '/api/agents/provision', { key, body: { name: 'Clerk', config } })
    expect((await provision({ aiProvider: 'gemini' })).body.agent).toMatchObject({ model: 'google/gemini-2.5-flash' })
    expect((await provision({ model: 'gemini/gemini-2.5-flash' })).body.agent).toMatchObject({ model: 'google/gemini-2.5-flash' })
  })
})

test('a server of the operator gets names of models as they are asked for', async () => {
  await compatible()
  const { key } = await server!.createAccount()
  const body = { model: 'gemini/gemini-2.5-flash', messages: [{ role: 'user', content: 'Name a knot' }] }
  expect((await server!.call('POST', '/v1/chat/completions', { key, body })).body).toMatchObject({ model: 'gemini/gemini-2.5-flash' })
  expect(provider.bodies.at(-1)).toMatchObject({ model: 'gemini/gemini-2.5-flash' })
})
