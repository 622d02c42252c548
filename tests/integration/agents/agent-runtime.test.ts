import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { LONG_AGO, setAccount } from '../../helpers/set-account.ts'
import { eventsOf } from '../../helpers/sse.ts'
import { startTestServer, type TestAccount, type TestServer } from '../../helpers/test-server.ts'

let server: TestServer
let account: TestAccount
let agentId: string
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.close())
beforeEach(async () => {
  account = await server.createAccount()
  agentId = (await post('/api/agents/provision', { name: 'Clerk' })).body.agent.id
})

const post = (path: string, body: unknown = {}) => server.call('POST', path, { key: account.key, body })
const get = (path: string) => server.call('GET', path, { key: account.key })

/** The events of a path, read until one satisfies the check. */
async function watch(path: string, isLast: (data: Record<string, unknown>) => boolean, meanwhile: () => Promise<unknown>) {
  const leaving = new AbortController()
  const response = await fetch(server.url + path, {
    headers: { authorization: `Bearer ${account.key}`, accept: 'text/event-stream' },
    signal: leaving.signal,
  })
  expect(response.headers.get('content-type')).toContain('text/event-stream')
  const seen: { event: string; data: Record<string, unknown> }[] = []
  for await (const sent of eventsOf(response)) {
    if (sent.event === 'ready') void meanwhile()
    seen.push(sent)
    if (isLast(sent.data)) break
  }
  leaving.abort()
  return seen
}

describe('the log of an agent', () => {
  test('says what became of it, newest first, and by level', async () => {
    await post(`/api/agents/${agentId}/stop`)
    const { body } = await get(`/api/agents/${agentId}/logs`)
    expect(body).toMatchObject({ total: 2, limit: 50, status: 'ok' })
    expect(body.logs.map(({ message, source }: Record<string, string>) => [source, message])).toEqual([
      ['agent', 'Stopped'],
      ['agent', expect.stringMatching(/^Started in \d+ ms$/)],
    ])
    expect((await get(`/api/agents/${agentId}/logs?level=error`)).body).toMatchObject({ logs: [], total: 0 })
    expect((await get(`/api/agents/${agentId}/logs?limit=1000`)).body.limit).toBe(100)
    expect((await get(`/api/agents/${agentId}/logs?level=loud`)).status).toBe(400)
  })

  test('keeps the last thousand lines', async () => {
    const rows = Array.from({ length: 1005 }, (_, index) => ({
      id: `log_0${String(index).padStart(4, '0')}`,
      accountId: account.id,
      agentId,
      level: 'info',
      source: 'agent',
      message: `line ${index}`,
    }))
    await server.platform.databases.system.insertInto('agentLogs').values(rows).execute()
    await post(`/api/agents/${agentId}/stop`)
    const { body } = await get(`/api/agents/${agentId}/logs`)
    expect(body.total).toBe(1000)
    expect(body.logs[0].message).toBe('Stopped')
  })

  test('can be watched being written', async () => {
    const seen = await watch(
      `/api/agents/${agentId}/logs`,
      ({ message }) => message === 'Stopped',
      () => post(`/api/agents/${agentId}/stop`),
    )
    expect(seen.map(({ event }) => event)).toEqual(['ready', 'log', 'log'])
  })

  test('says that a message got no answer, and why', async () => {
    await server.platform.databases.system.updateTable('agents').set({ model: 'openai/gone' }).where('id', '=', agentId).execute()
    expect((await post('/api/chat', { agentId, message: 'Hello?' })).status).toBe(503)
    const { logs } = (await get(`/api/agents/${agentId}/logs?level=error`)).body
    expect(logs[0].message).toContain('A message got no answer')
  })
})

test('every change of state can be watched, on the path of the agent too', async () => {
  const seen = await watch(
    `/api/agents/${agentId}`,
    ({ status }) => status === 'stopped',
    () => post(`/api/agents/${agentId}/restart`).then(() => post(`/api/agents/${agentId}/stop`)),
  )
  expect(seen.map(({ event, data }) => data.status ?? event)).toEqual(['ready', 'running', 'starting', 'running', 'stopped'])
})

test('a start that fails leaves the agent in a state that a start leads out of', async () => {
  const { system } = server.platform.databases
  await post(`/api/agents/${agentId}/stop`)
  await system.updateTable('agents').set({ model: 'openai/gone' }).where('id', '=', agentId).execute()
  expect(await post(`/api/agents/${agentId}/start`)).toMatchObject({ status: 502, body: { code: 'AGENT_START_FAILED' } })
  expect((await get(`/api/agents/${agentId}`)).body.agent.status).toBe('error')
  await server.call('PUT', `/api/agents/${agentId}/config`, { key: account.key, body: { model: 'local/commands' } })
  expect((await post(`/api/agents/${agentId}/start`)).body).toMatchObject({ success: true, status: 'active' })
})

test('an agent whose server was killed while it started comes up by itself', async () => {
  const { system } = server.platform.databases
  await system.updateTable('agents').set({ status: 'starting' }).where('id', '=', agentId).execute()
  await system
    .updateTable('agentWatches')
    .set({ nextCheckAt: LONG_AGO, leaseToken: null, leaseServerId: null })
    .where('agentId', '=', agentId)
    .execute()
  const { body } = await post('/api/chat', { agentId, message: 'help' })
  expect(body.reply).toContain('I understand these commands')
  expect((await get(`/api/agents/${agentId}`)).body.agent.status).toBe('running')
})

describe('the gateway token', () => {
  test('of an agent inside the server would open nothing, so there is none', async () => {
    const own = (await get('/api/user/openclaw')).body
    expect(own.gatewayToken).toBeNull()
    for (const path of [`/api/agents/${agentId}/token`, `/api/instance/${own.openclawInstanceId}/token`])
      expect(await get(path)).toMatchObject({ status: 404, body: { code: 'NO_GATEWAY' } })
  })

  test('is not shown to a key that may only read', async () => {
    const body = { name: 'reader', scopes: ['agents:read'] }
    const { key } = (await server.call('POST', '/api/keys', { cookie: account.cookie, body })).body
    for (const path of [`/api/agents/${agentId}/token`, '/api/user/openclaw'])
      expect(await server.call('GET', path, { key })).toMatchObject({ status: 403, body: { code: 'SCOPE_REQUIRED' } })
  })
})

describe('an instance', () => {
  test('is found by its own id, and by the id of the account as the oldest agent', async () => {
    const { openclawInstanceId: userId, openclawUrl } = (await get('/api/user/openclaw')).body
    // An agent inside the server has no gateway that could have an address.
    expect(openclawUrl).toBeNull()
    expect((await get(`/api/instance/${userId}`)).body).toMatchObject({
      userId,
      status: 'running',
      openclawVersion: null,
    })
    await post(`/api/instance/${account.id}/stop`)
    expect((await get(`/api/agents/${agentId}`)).body.agent.status).toBe('stopped')
    expect((await get(`/api/instance/${account.id}`)).body).toMatchObject({ userId, status: 'stopped', startedAt: null })
    await post(`/api/instance/${userId}/start`)
    expect((await get(`/api/instance/${userId}/stats`)).body).toMatchObject({ userId, status: 'running', health: 'healthy', memory: null })
  })

  test('of somebody else is refused, one that does not exist is not found', async () => {
    const { openclawInstanceId } = (await get('/api/user/openclaw')).body
    const other = await server.createAccount()
    for (const userId of [openclawInstanceId, account.id])
      expect(await server.call('GET', `/api/instance/${userId}`, other)).toMatchObject({
        status: 403,
        body: { code: 'INSTANCE_OF_SOMEBODY_ELSE' },
      })
    for (const userId of ['nobody', other.id])
      expect(await server.call('POST', `/api/instance/${userId}/stop`, { ...other, body: {} })).toMatchObject({
        status: 404,
        body: { code: 'INSTANCE_NOT_FOUND' },
      })
    expect((await server.call('GET', '/api/user/openclaw', other)).body).toEqual({
      openclawUrl: null,
      openclawInstanceId: null,
      gatewayToken: null,
    })
  })
})

describe('provisioning by what an account says at once', () => {
  test('makes an agent that runs, and gives back the id of its instance', async () => {
    const { status, body } = await post('/api/provision', { autoProvision: true, plan: 'collective' })
    expect(status).toBe(200)
    expect((await get(`/api/agents/${body.agentId}`)).body.agent).toMatchObject({ status: body.status, plan: body.plan })
    expect(body).toMatchObject({ success: true, status: 'running', plan: 'collective', metadata: { channels: { telegram: 'disabled' } } })
    expect((await get(`/api/instance/${body.userId}`)).body.status).toBe('running')
    expect((await post('/api/provision', { agentType: 'business' })).body.success).toBe(true)
  })

  test('keeps a key the caller brings, and never shows it', async () => {
    const { body } = await post('/api/provision', { autoProvision: true, aiProvider: 'gemini', apiKey: 'a-key-of-mine' })
    expect(body).toMatchObject({ aiProvider: 'gemini', aiProviderConfig: { requiresKey: true } })
    expect(JSON.stringify(body)).not.toContain('a-key-of-mine')
    const credentials = await server.call('GET', `/api/agent?action=credentials&agentId=${body.agentId}`, { key: account.key })
    expect(JSON.stringify(credentials.body)).toContain('"google":true')
  })

  test.each([
    ['telegramToken', 'Telegram'],
    ['discordBotToken', 'Discord'],
    ['whatsappToken', 'WhatsApp'],
  ])('refuses %s, which it cannot check', async (field, channel) => {
    const answer = await post('/api/provision', { [field]: '1000000001:token', autoProvision: true })
    expect(answer).toMatchObject({ status: 503, body: { code: 'CHANNELS_NOT_AVAILABLE', channel } })
  })

  test('asks for a channel, a plan that exists and one that is paid', async () => {
    expect((await post('/api/provision', {})).status).toBe(400)
    expect((await post('/api/provision', { autoProvision: true, plan: 'gold' })).status).toBe(400)
    expect((await post('/api/provision', { autoProvision: true, aiProvider: 'nobody' })).status).toBe(400)
    expect((await post('/api/provision', { autoProvision: true, skills: ['venue-finder'] })).status).toBe(400)
    expect(await post('/api/provision', { autoProvision: true, plan: 'free' })).toMatchObject({
      status: 402,
      body: { code: 'PAYMENT_REQUIRED' },
    })
  })
})

describe('versions of a configuration', () => {
  const change = (body: unknown) => server.call('PUT', `/api/agents/${agentId}/config`, { key: account.key, body })
  const trpc = () => server.trpc({ cookie: account.cookie }).agents

  test('are kept, compared without showing secrets, and given back with them', async () => {
    await change({ temperature: 0.3, channels: { telegram: { botToken: 'first-secret', name: 'Desk' } } })
    await change({ temperature: null, channels: { telegram: { botToken: 'second-secret', name: 'Desk' } } })
    const versions = await trpc().configVersions.query({ agentId })
    expect(versions.map(({ version }) => version)).toEqual([3, 2, 1])
    expect(JSON.stringify(versions)).not.toContain('secret')
    const { changes } = await trpc().configDiff.query({ agentId, from: 2, to: 3 })
    expect(changes).toEqual([
      { path: 'channels.telegram.botToken', kind: 'changed', before: '[secret]', after: '[secret]' },
      { path: 'temperature', kind: 'removed', before: 0.3, after: null },
    ])
    expect(await trpc().restoreConfig.mutate({ agentId, version: 2 })).toMatchObject({ temperature: 0.3 })
    expect((await trpc().configDiff.query({ agentId, from: 2, to: 4 })).changes).toEqual([])
  })

  test('are the last ten', async () => {
    for (const temperature of [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.1]) await change({ temperature })
    const versions = await trpc().configVersions.query({ agentId })
    expect(versions.map(({ version }) => version)).toEqual([12, 11, 10, 9, 8, 7, 6, 5, 4, 3])
    await expect(trpc().restoreConfig.mutate({ agentId, version: 2 })).rejects.toMatchObject({
      data: { appCode: 'CONFIG_VERSION_NOT_FOUND' },
    })
  })
})

test('without a plan nothing is started, moved or repaired, but stopping goes on', async () => {
  const paid = await startTestServer({ STRIPE_SECRET_KEY: 'sk_test_unused' })
  try {
    const trial = await paid.createAccount()
    const { agent } = (await paid.call('POST', '/api/agents/provision', { key: trial.key, body: { name: 'Clerk' } })).body
    await setAccount(paid, trial.id, { trialEndsAt: LONG_AGO })
    for (const action of ['start', 'restart', 'update', 'repair'])
      expect((await paid.call('POST', `/api/agents/${agent.id}/${action}`, { key: trial.key, body: {} })).status).toBe(402)
    expect((await paid.call('POST', `/api/agents/${agent.id}/stop`, { key: trial.key, body: {} })).status).toBe(200)
  } finally {
    await paid.close()
  }
})
