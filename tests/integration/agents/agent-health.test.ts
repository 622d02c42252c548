import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startFakeOpenAi, type FakeOpenAi } from '../../fakes/openai.ts'
import { startTestServer, type TestAccount, type TestServer } from '../../helpers/test-server.ts'

// Whether an agent is well is whether it can answer: inside the server that takes its model.

const NOWHERE = 'http://127.0.0.1:9/v1'
const LONG_AGO = '2000-01-01T00:00:00.000Z'

let provider: FakeOpenAi
let server: TestServer
let account: TestAccount
beforeAll(async () => {
  provider = await startFakeOpenAi()
  server = await startTestServer({
    OPENAI_API_KEY: 'sk-operator',
    OPENAI_BASE_URL: NOWHERE,
    GROQ_API_KEY: 'gsk-operator',
    GROQ_BASE_URL: provider.url,
    DEFAULT_MODEL: 'local/commands',
  })
  account = await server.createAccount()
})
afterAll(async () => {
  await server.close()
  await provider.close()
})

const get = async (path: string) => (await server.call('GET', path, { key: account.key })).body
const post = (path: string, body: object = {}) => server.call('POST', path, { key: account.key, body })
const provision = async (config: object): Promise<string> => (await post('/api/agents/provision', { name: 'Clerk', config })).body.agent.id
const setModel = (id: string, model: string) => server.call('PUT', `/api/agents/${id}/config`, { key: account.key, body: { model } })
const instanceOf = async (id: string): Promise<string> =>
  (await server.platform.databases.system.selectFrom('agents').where('id', '=', id).select('instanceId').executeTakeFirstOrThrow())
    .instanceId

const unreachable = { status: 'degraded', statusReason: expect.stringContaining('its provider openai was asked, and it does not answer') }

describe('an agent whose provider is dead', () => {
  test('is degraded, with the reason, wherever it is asked for; it came up, and is not down', async () => {
    const id = await provision({ model: 'openai/gpt-4o-mini' })
    expect((await get(`/api/agents/${id}`)).agent).toMatchObject(unreachable)
    expect((await get('/api/agents')).agents.find((agent: { id: string }) => agent.id === id)).toMatchObject(unreachable)
    const health = await get(`/api/agent?action=health&agentId=${id}`)
    expect(health).toMatchObject({ status: 'error', reason: expect.stringContaining('does not answer') })
    const instance = await instanceOf(id)
    expect((await get(`/api/instance/${instance}`)).status).toBe('degraded')
    expect(await get(`/api/instance/${instance}/stats`)).toMatchObject({
      status: 'degraded',
      health: 'degraded',
      uptime: expect.any(Number),
    })
  })

  test('is not said to be active after a start, nor repaired by a repair that helped nothing', async () => {
    const id = await provision({ model: 'openai/gpt-4o-mini' })
    const refused = await post(`/api/agents/${id}/repair`)
    expect(refused).toMatchObject({ status: 502, body: { code: 'AGENT_NOT_REPAIRED' } })
    expect(JSON.stringify(refused.body)).toContain('does not answer')
    expect((await post(`/api/agents/${id}/restart`)).body).toMatchObject({
      status: 'restarting',
      message: expect.stringContaining('not well'),
    })
    await post(`/api/agents/${id}/stop`)
    expect((await post(`/api/agents/${id}/start`)).body).toMatchObject({ status: 'starting', message: expect.stringContaining('not well') })
    await setModel(id, 'local/commands')
    expect((await post(`/api/agents/${id}/repair`)).body).toMatchObject({ success: true })
    expect((await get(`/api/agents/${id}`)).agent).toMatchObject({ status: 'running', statusReason: null })
  })

  test('is well while a fallback can answer', async () => {
    const id = await provision({ model: 'openai/gpt-4o-mini', fallbacks: ['groq/fake-model'] })
    expect((await get(`/api/agents/${id}`)).agent.status).toBe('running')
  })

  test('is found so when somebody asks, and well again by itself', async () => {
    const id = await provision({})
    expect((await post(`/api/agents/${id}/repair`)).body).toMatchObject({
      status: 'active',
      message: expect.stringContaining('nothing to repair'),
    })
    await setModel(id, 'openai/gpt-4o-mini')
    expect((await get(`/api/agent?action=health&agentId=${id}`)).status).toBe('error')
    const { system } = server.platform.databases
    await system.updateTable('agents').set({ model: 'local/commands' }).where('id', '=', id).execute()
    await system.updateTable('agentWatches').set({ nextCheckAt: LONG_AGO }).where('agentId', '=', id).execute()
    const stored = async () => (await system.selectFrom('agents').where('id', '=', id).select('status').executeTakeFirstOrThrow()).status
    await expect.poll(stored, { timeout: 15_000 }).toBe('running')
  })

  test('is found so by itself when it could not answer', async () => {
    const id = await provision({})
    await setModel(id, 'openai/gpt-4o-mini')
    expect((await post('/api/chat', { agentId: id, message: 'Hello?' })).status).toBe(502)
    const listed = async () => (await get('/api/agents')).agents.find((agent: { id: string }) => agent.id === id).status
    await expect.poll(listed, { timeout: 15_000 }).toBe('degraded')
  })
})

test('an instance that is stopped is stopped, and not unreachable', async () => {
  const id = await provision({})
  await post(`/api/agents/${id}/stop`)
  const stats = await get(`/api/instance/${await instanceOf(id)}/stats`)
  expect(stats).toMatchObject({ status: 'stopped', uptime: null })
  expect(stats).not.toHaveProperty('health')
})

test('an instance has one id, wherever it is named', async () => {
  const owner = await server.createAccount()
  const ask = async (path: string) => (await server.call('GET', path, { key: owner.key })).body
  await server.call('POST', '/api/agents/provision', { key: owner.key, body: { name: 'First' } })
  const { openclawInstanceId } = await ask('/api/user/openclaw')
  expect((await ask('/api/settings')).openclaw.instanceId).toBe(openclawInstanceId)
  expect((await ask(`/api/instance/${openclawInstanceId}`)).userId).toBe(openclawInstanceId)
  expect((await ask(`/api/instance/${owner.id}`)).userId).toBe(openclawInstanceId)
  expect((await ask(`/api/instance/${owner.id}/stats`)).userId).toBe(openclawInstanceId)
})
