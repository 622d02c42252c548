import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { agentTools, fileTools, toolNames, type AgentFileReader, type MemoryStore } from '../../../server/models/completions/index.ts'
import { startFakeOpenAi, type FakeOpenAi } from '../../fakes/openai.ts'
import { startTestServer, type TestAccount, type TestServer } from '../../helpers/test-server.ts'

// Nothing is stored, and called configured, that has no effect.

let provider: FakeOpenAi
let server: TestServer
let account: TestAccount
beforeAll(async () => {
  provider = await startFakeOpenAi()
  server = await startTestServer({ OPENAI_API_KEY: 'sk-operator', OPENAI_BASE_URL: provider.url, DEFAULT_MODEL: 'local/commands' })
  account = await server.createAccount()
})
afterAll(async () => {
  await server.close()
  await provider.close()
})

const post = (path: string, body: object) => server.call('POST', path, { key: account.key, body })
const create = async (config: object = {}): Promise<string> =>
  (await post('/api/agents/provision', { name: 'Clerk', config })).body.agent.id
const put = (id: string, body: object) => server.call('PUT', `/api/agents/${id}/config`, { key: account.key, body })
const show = async (id: string) => (await server.call('GET', `/api/agents/${id}`, { key: account.key })).body.agent

const refusal = (field: string, message: string) => ({
  status: 400,
  body: { code: 'INVALID_INPUT', fields: [{ field, message: expect.stringContaining(message) }] },
})

describe('a provider that is not set up', () => {
  test('is refused wherever it can be named, with those that are', async () => {
    const id = await create()
    expect(await put(id, { aiProvider: 'groq' })).toMatchObject(refusal('aiProvider', 'openai, local'))
    expect(await put(id, { aiProvider: 'nobody' })).toMatchObject(refusal('aiProvider', 'openai, local'))
    const change = { config: { aiProvider: 'groq' } }
    const answers = [
      await server.call('PUT', `/api/agents/${id}`, { key: account.key, body: change }),
      await post('/api/agents/provision', { name: 'Clerk', ...change }),
      await post('/api/agents', { name: 'Clerk', ...change }),
    ]
    for (const answer of answers) expect(answer).toMatchObject(refusal('config.aiProvider', 'openai, local'))
    expect(await server.call('PUT', `/api/agents/${id}`, { key: account.key, body: { aiProvider: 'groq' } })).toMatchObject(
      refusal('aiProvider', 'openai, local'),
    )
    expect(await post('/api/provision', { autoProvision: true, aiProvider: 'groq' })).toMatchObject(refusal('aiProvider', 'openai, local'))
    expect((await show(id)).aiProvider).toBe('local')
  })

  test('cannot be named beside a model of another one', async () => {
    const id = await create()
    const mixed = { aiProvider: 'openai', model: 'local/commands' }
    expect(await put(id, mixed)).toMatchObject(refusal('aiProvider', 'serves "local/commands": local'))
    expect(await post('/api/agents', { name: 'Clerk', config: mixed })).toMatchObject(refusal('config.aiProvider', 'local'))
  })
})

test('a provider that is named without a model brings its default model, and is what the configuration says then', async () => {
  const id = await create()
  expect((await put(id, { aiProvider: 'openai' })).body.config).toMatchObject({ aiProvider: 'openai', model: 'openai/gpt-4o-mini' })
  expect(await show(id)).toMatchObject({ aiProvider: 'openai', model: 'openai/gpt-4o-mini' })
  const { config } = (await put(id, { model: 'local/commands' })).body
  expect(config.aiProvider).toBe('local')
  expect(await put(id, config)).toMatchObject({ status: 200, body: { config } })
})

describe('tools', () => {
  test('there are none of are refused by name, wherever they are configured', async () => {
    const id = await create({ tools: ['calculate'] })
    expect(await put(id, { tools: ['calculate', 'nope'] })).toMatchObject(refusal('tools.1', 'remember, recall'))
    expect(await post('/api/agents', { name: 'Clerk', config: { tools: ['nope'] } })).toMatchObject(refusal('config.tools.0', 'calculate'))
    expect((await put(id, { tools: [...toolNames] })).status).toBe(200)
    expect((await put(id, { tools: [] })).status).toBe(200)
  })

  test('that can be named are those an agent is offered', () => {
    const offered = { ...agentTools({} as MemoryStore), ...fileTools({} as AgentFileReader) }
    expect(Object.keys(offered)).toEqual([...toolNames])
  })
})

describe('a credential', () => {
  const set = (body: object) => post('/api/agent', { action: 'set-credential', ...body })

  test('that nothing reads is refused, with those that are read', async () => {
    const agentId = await create()
    for (const key of ['weather', 'telegram', 'compatible', 'constructor'])
      expect(await set({ agentId, key, value: 'secret' })).toMatchObject(refusal('key', 'anthropic, google, gemini, groq'))
  })

  test('of a provider is the same under each name of the provider', async () => {
    const agentId = await create()
    expect(await set({ agentId, key: 'gemini', value: 'secret' })).toMatchObject({ body: { key: 'google', configured: true } })
    const { body } = await server.call('GET', `/api/agent?action=credentials&agentId=${agentId}`, { key: account.key })
    expect(body.credentials).toMatchObject({ google: true })
    expect(body.credentials).not.toHaveProperty('gemini')
    expect((await put(agentId, { model: 'google/gemini-2.5-flash' })).status).toBe(200)
    expect(await set({ agentId, key: 'gemini' })).toMatchObject({ body: { configured: false } })
    expect((await put(agentId, { model: 'google/gemini-2.5-pro' })).status).toBe(400)
  })

  test('an earlier version stored under another name is read now, and any of its can be removed', async () => {
    const agentId = await create()
    const sealedValue = server.platform.secrets.seal('secret', `credential ${agentId}`)
    const rows = ['gemini', 'weather'].map((key) => ({ accountId: account.id, agentId, key, sealedValue }))
    await server.platform.databases.system.insertInto('agentCredentials').values(rows).execute()
    expect((await put(agentId, { model: 'google/gemini-2.5-flash' })).status).toBe(200)
    for (const key of ['google', 'weather']) expect((await set({ agentId, key })).body.configured).toBe(false)
    const left = await server.platform.databases.system.selectFrom('agentCredentials').where('agentId', '=', agentId).selectAll().execute()
    expect(left).toEqual([])
  })
})

test('only channels that are connected are listed', async () => {
  const agentId = await create({ channels: { telegram: { name: 'Desk' } } })
  const { body } = await server.call('GET', `/api/agent?action=health&agentId=${agentId}`, { key: account.key })
  expect(body.channels).toEqual([])
})
