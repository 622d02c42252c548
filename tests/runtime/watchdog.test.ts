import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestServer, type TestAccount, type TestServer } from '../helpers/test-server.ts'
import { installStandIn } from './stand-in-openclaw.ts'

const LONG_AGO = '2000-01-01T00:00:00.000Z'

let server: TestServer
let account: TestAccount
let dataDir: string
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'agentbot-watchdog-'))
  server = await startTestServer({
    RUNTIME: 'process',
    DATA_DIR: dataDir,
    OPENCLAW_DIR: await installStandIn(dataDir),
    RUNTIME_IMAGES: 'openclaw@0.0.1',
    RUNTIME_START_SECONDS: '15',
    WATCHDOG_BACKOFF_SECONDS: '0',
  })
  server.platform.env.RUNTIME_MODELS_URL = `${server.url}/v1`
  account = await server.createAccount()
})
afterAll(async () => {
  await server.close()
  await rm(dataDir, { recursive: true })
})

const post = (path: string, body: unknown = {}) => server.call('POST', path, { key: account.key, body })
const get = (path: string) => server.call('GET', path, { key: account.key })
const provision = async (): Promise<string> => (await post('/api/agents/provision', { name: 'Night Clerk' })).body.agent.id
const statusOf = async (id: string): Promise<string> => (await get(`/api/agents/${id}`)).body.agent.status
const until = (id: string, status: string) => expect.poll(() => statusOf(id), { timeout: 15_000 }).toBe(status)
const messagesOf = async (id: string): Promise<string[]> =>
  (await get(`/api/agents/${id}/logs?limit=100`)).body.logs.map(({ message }: { message: string }) => message)

async function crash(id: string): Promise<void> {
  const { pid } = JSON.parse(await readFile(join(dataDir, 'agents', id, 'gateway.json'), 'utf8'))
  process.kill(pid, 'SIGKILL')
}

/** Makes an agent one whose image is not installed here, so that it cannot start. */
const breakImage = (id: string, image: string | null = 'openclaw@0.0.1') =>
  server.platform.databases.system.updateTable('agents').set({ image }).where('id', '=', id).execute()

describe('an agent with a process of its own', () => {
  test('talks through its gateway, with a model of this server', async () => {
    const agentId = await provision()
    const { body } = await post('/api/chat', { agentId, message: 'Is berth 9 taken?' })
    expect(body).toMatchObject({ reply: 'You said: Is berth 9 taken?', agentId })
    const asked = await post('/api/chat', { agentId, message: 'Ask the model.' })
    expect(asked.body.reply).toContain('not a language model')
    expect(asked.body.usage).toMatchObject({ modelCalls: 1, outputTokens: expect.any(Number) })
    const usage = await get(`/api/usage/by-agent/${agentId}`)
    expect(usage.body).toEqual([expect.objectContaining({ model: 'local/commands', events: 1 })])
  })

  test('names the model that answered, a fallback included, and none where none was asked', async () => {
    const config = { model: 'ollama/gone', fallbacks: ['local/commands'] }
    const agentId = (await post('/api/agents/provision', { name: 'Night Clerk', config })).body.agent.id
    expect((await post('/api/chat', { agentId, message: 'Ask the model.' })).body).toMatchObject({
      reply: expect.stringContaining('not a language model'),
      model: 'local/commands',
    })
    expect((await post('/api/chat', { agentId, message: 'Is berth 9 taken?' })).body.model).toBeNull()
  })

  test('is charged with each message for the calls it made for that one, also when the message waited for another', async () => {
    const agentId = await provision()
    const asked = await Promise.all(['Ask the model.', 'Ask the model.'].map((message) => post('/api/chat', { agentId, message })))
    expect(asked.map(({ body }) => body.usage.modelCalls)).toEqual([1, 1])
  })

  test('has a key for models that nobody sees, that does nothing else, and that goes with it', async () => {
    const agentId = await provision()
    const config = JSON.parse(await readFile(join(dataDir, 'agents', agentId, 'home', 'openclaw.json'), 'utf8'))
    const key: string = config.models.providers.platform.apiKey
    const { keys } = (await server.call('GET', '/api/keys', { cookie: account.cookie })).body
    expect(keys).toHaveLength(1)
    expect(await server.call('GET', '/api/agents', { key })).toMatchObject({ status: 403, body: { code: 'SCOPE_REQUIRED' } })
    const messages = [{ role: 'user', content: 'help' }]
    expect((await server.call('POST', '/v1/chat/completions', { key, body: { model: 'local/commands', messages } })).status).toBe(200)
    expect((await server.call('POST', '/v1/chat/completions', { key, body: { model: `agent:${agentId}`, messages } })).status).toBe(400)
    await server.call('DELETE', `/api/agents/${agentId}`, { key: account.key })
    expect((await server.call('POST', '/v1/chat/completions', { key, body: { model: 'local/commands', messages } })).status).toBe(401)
  })

  test('has figures that were measured, and the lines its gateway wrote, without its token', async () => {
    const agentId = await provision()
    const { stats } = (await get(`/api/agents/${agentId}/stats`)).body
    expect(stats).toMatchObject({ memory: expect.stringMatching(/^\d+\.\dMiB$/), pids: expect.stringMatching(/^\d+$/), network: null })
    expect(await messagesOf(agentId)).toContainEqual(expect.stringContaining('listening on'))
    const { token } = (await get(`/api/agents/${agentId}/token`)).body
    expect(token).toMatch(/^[0-9a-f]{64}$/)
    const row = await server.platform.databases.system
      .selectFrom('agents')
      .where('id', '=', agentId)
      .select(['instanceId', 'sealedToken'])
      .executeTakeFirstOrThrow()
    expect((await get(`/api/instance/${row.instanceId}/token`)).body.token).toBe(token)
    expect(row.sealedToken).not.toContain(token)
    expect(JSON.stringify(await messagesOf(agentId))).not.toContain(token)
  })

  test('is moved to another image only when that comes up', async () => {
    const agentId = await provision()
    expect(await post(`/api/agents/${agentId}/update`, { image: 'ghcr.io/somebody/else:1' })).toMatchObject({ status: 400 })
    const failed = await post(`/api/agents/${agentId}/update`, { image: 'openclaw@0.0.1' })
    expect(failed).toMatchObject({ status: 500, body: { code: 'IMAGE_UPDATE_FAILED', previousImage: 'openclaw@2026.9.6' } })
    expect(await statusOf(agentId)).toBe('running')
    const { body } = await post(`/api/agents/${agentId}/update`)
    expect(body).toMatchObject({
      success: true,
      status: 'active',
      image: 'openclaw@2026.9.6',
      previousImage: 'openclaw@2026.9.6',
      openclawVersion: '2026.9.6',
      backupPath: expect.stringMatching(`^backups/${agentId}/.*tar.gz$`),
    })
  })
})

test('an agent that is stopped stays so when its image is updated, and names only an image that ran', async () => {
  const { agentId } = (await post('/api/agents', { name: 'Never ran' })).body
  const update = async (image?: string) => (await post(`/api/agents/${agentId}/update`, image ? { image } : {})).body
  expect(await update('openclaw@0.0.1')).toMatchObject({
    status: 'stopped',
    image: 'openclaw@0.0.1',
    previousImage: null,
    backupPath: null,
  })
  expect(await statusOf(agentId)).toBe('pending')
  expect(await update()).toMatchObject({ status: 'stopped', image: 'openclaw@2026.9.6', previousImage: null })
  await post(`/api/agents/${agentId}/start`)
  await post(`/api/agents/${agentId}/stop`)
  expect(await update('openclaw@0.0.1')).toMatchObject({ status: 'stopped', previousImage: 'openclaw@2026.9.6' })
  expect(await statusOf(agentId)).toBe('stopped')
  // Which is what it is started on next.
  expect(await post(`/api/agents/${agentId}/start`)).toMatchObject({ status: 502, body: { code: 'AGENT_START_FAILED' } })
})

test('the place where agents run is no Docker engine, and the address of an agent answers while it runs', async () => {
  expect((await get('/health')).body).toMatchObject({ docker: 'unavailable', provisioning: 'enabled', provider: 'process' })
  const owner = await server.createAccount()
  const { agent } = (await server.call('POST', '/api/agents/provision', { key: owner.key, body: { name: 'Clerk' } })).body
  const addressOf = async () => (await server.call('GET', '/api/user/openclaw', { key: owner.key })).body.openclawUrl
  expect((await fetch(`${await addressOf()}/healthz`)).status).toBe(200)
  await server.call('POST', `/api/agents/${agent.id}/stop`, { key: owner.key, body: {} })
  expect(await addressOf()).toBeNull()
})

test('an agent shows where its gateway is, what it runs on, and when its state was last seen', async () => {
  const before = new Date().toISOString()
  const agentId = await provision()
  const shown = (await get(`/api/agents/${agentId}`)).body.agent
  expect(shown).toMatchObject({ websocketUrl: expect.stringMatching(/^ws:\/\/127\.0\.0\.1:\d+$/), openclawVersion: '2026.9.6' })
  expect((await fetch(`${shown.websocketUrl.replace(/^ws/, 'http')}/healthz`)).status).toBe(200)
  expect(shown.statusSeenAt > before).toBe(true)
  const listed = (await get('/api/agents')).body.agents.find(({ id }: { id: string }) => id === agentId)
  expect(listed).toMatchObject({ websocketUrl: shown.websocketUrl, statusSeenAt: shown.statusSeenAt })
  // The watchdog looks again, and what it saw is what is shown.
  await server.platform.databases.system.updateTable('agentWatches').set({ nextCheckAt: LONG_AGO }).where('agentId', '=', agentId).execute()
  const seenAt = async () => (await get(`/api/agents/${agentId}`)).body.agent.statusSeenAt
  await expect.poll(async () => (await seenAt()) > shown.statusSeenAt, { timeout: 15_000 }).toBe(true)
  await post(`/api/agents/${agentId}/stop`)
  expect((await get(`/api/agents/${agentId}`)).body.agent.websocketUrl).toBeNull()
})

describe('what an agent knows', () => {
  const readMemory = async (agentId: string) => (await post('/api/chat', { agentId, message: 'Read AGENTS.md' })).body.reply

  test('reaches it when it changes, and goes when it is forgotten', async () => {
    const agentId = await provision()
    await post('/api/memory', { agentId, key: 'tone', memory: 'brief' })
    await expect.poll(() => readMemory(agentId), { timeout: 15_000 }).toContain('- tone: brief')
    await server.call('DELETE', `/api/memory?agentId=${agentId}&key=tone`, { key: account.key })
    await expect.poll(() => readMemory(agentId), { timeout: 15_000 }).not.toContain('tone')
  })

  test('includes its files, those that are texts; what was sent is counted', async () => {
    const agentId = await provision()
    const upload = (filename: string, content: string | Buffer) =>
      post('/api/files', { agentId, filename, content: Buffer.from(content).toString('base64') })
    const workspaceFile = (name: string) => readFile(join(dataDir, 'agents', agentId, 'workspace', 'files', name), 'utf8').catch(() => null)
    await upload('berths.md', 'Berth 8 is free.')
    await upload('berths.md', 'Berth 9 is free.')
    const { file } = (await upload('rules.txt', 'Quiet after ten.')).body
    await upload('chart.bin', Buffer.from([0, 1, 2, 255]))
    await upload('long.txt', 'x'.repeat(100_001))
    // It is handed over by itself, and by a call.
    await expect.poll(() => workspaceFile('rules.txt'), { timeout: 15_000 }).toBe('Quiet after ten.')
    const { body } = await post(`/api/agents/${agentId}/sync`)
    expect(body.details).toEqual({ skillsDeployed: 0, memoriesDeployed: 0, filesDeployed: 2, filesLeftOut: 2 })
    expect(await workspaceFile('berths.md')).toBe('Berth 9 is free.')
    expect(await messagesOf(agentId)).toContain('Synced 0 skills, 0 memories and 2 files; 2 files were left out')
    await server.call('DELETE', `/api/files?fileId=${file.id}`, { key: account.key })
    await expect.poll(() => workspaceFile('rules.txt'), { timeout: 15_000 }).toBeNull()
  })

  test('is told again to one that did not take it, which its log says once', async () => {
    const agentId = await provision()
    const file = join(dataDir, 'agents', agentId, 'workspace', 'AGENTS.md')
    await rm(file)
    // No file can be put in the place of a folder.
    await mkdir(file)
    await post('/api/memory', { agentId, key: 'tone', memory: 'brief' })
    const refusals = async () => (await messagesOf(agentId)).filter((message) => message.includes('Was not told what it knows now'))
    await expect.poll(refusals, { timeout: 15_000 }).toHaveLength(1)
    await rm(file, { recursive: true })
    const { system } = server.platform.databases
    await system.updateTable('agentWatches').set({ knowledgeRetryAt: LONG_AGO }).where('agentId', '=', agentId).execute()
    await expect.poll(() => readMemory(agentId), { timeout: 15_000 }).toContain('- tone: brief')
    expect(await refusals()).toHaveLength(1)
  })
})

test('a key that may not read conversations does not read them in the log either, and nobody reads where the data are', async () => {
  const agentId = await provision()
  await post('/api/chat', { agentId, message: 'The safe is behind the map.' })
  const readAs = async (scopes: string[]): Promise<string> => {
    const { key } = (await server.call('POST', '/api/keys', { cookie: account.cookie, body: { name: 'reader', scopes } })).body
    return JSON.stringify((await server.call('GET', `/api/agents/${agentId}/logs?limit=100`, { key })).body)
  }
  const everything = await readAs(['agents:read', 'chat:read'])
  expect(everything).toContain('The safe is behind the map.\\", kept in state/agents/main')
  expect(everything).not.toContain(dataDir)
  const partly = await readAs(['agents:read'])
  expect(partly).toContain('Started in')
  expect(partly).not.toContain('The safe')
})

describe('an agent that crashes', () => {
  test('is started again, and the message that found it down is answered', async () => {
    const agentId = await provision()
    await crash(agentId)
    const { body } = await post('/api/chat', { agentId, message: 'Still there?' })
    expect(body.reply).toBe('You said: Still there?')
    expect(await statusOf(agentId)).toBe('running')
    expect(await messagesOf(agentId)).toEqual(expect.arrayContaining([expect.stringMatching(/SIGKILL.* Repair 1 of 2/)]))
  })

  test('is given up with the third crash; start, stop, repair and delete lead out of that', async () => {
    const agentId = await provision()
    for (const attempt of [1, 2]) {
      await crash(agentId)
      // Its status is still that of before the crash until the repair begins.
      const repairs = async () => (await messagesOf(agentId)).filter((message) => message.startsWith('Repaired in '))
      await expect.poll(repairs, { timeout: 15_000 }).toHaveLength(attempt)
      expect(await messagesOf(agentId)).toContainEqual(expect.stringContaining(`Repair ${attempt} of 2`))
      expect(await statusOf(agentId)).toBe('running')
    }
    await crash(agentId)
    await until(agentId, 'crash_loop')
    expect(await post('/api/chat', { agentId, message: 'Hello?' })).toMatchObject({ status: 404, body: { code: 'AGENT_NOT_RUNNING' } })

    const enterLoop = () =>
      server.platform.databases.system.updateTable('agents').set({ status: 'crash_loop' }).where('id', '=', agentId).execute()
    expect((await post(`/api/agents/${agentId}/start`)).body).toMatchObject({ success: true, status: 'active' })
    await enterLoop()
    expect((await post(`/api/agents/${agentId}/repair`)).body).toMatchObject({ success: true, status: 'repaired' })
    await enterLoop()
    expect((await post(`/api/agents/${agentId}/stop`)).body).toMatchObject({ success: true, status: 'stopped' })
    await enterLoop()
    expect((await server.call('DELETE', `/api/agents/${agentId}`, { key: account.key })).status).toBe(200)
  })

  test('is given up when its repairs fail', async () => {
    const agentId = await provision()
    await breakImage(agentId)
    await crash(agentId)
    await until(agentId, 'crash_loop')
    await breakImage(agentId, null)
    expect((await post(`/api/agents/${agentId}/start`)).status).toBe(200)
  })
})

describe('an agent that does not start', () => {
  test('has status error, after the third time crash_loop, and can be started once that is mended', async () => {
    const agentId = await provision()
    await post(`/api/agents/${agentId}/stop`)
    await breakImage(agentId)
    for (const status of ['error', 'error', 'crash_loop']) {
      expect(await post(`/api/agents/${agentId}/start`)).toMatchObject({ status: 502, body: { code: 'AGENT_START_FAILED' } })
      expect(await statusOf(agentId)).toBe(status)
    }
    await breakImage(agentId, null)
    expect((await post(`/api/agents/${agentId}/start`)).status).toBe(200)
    expect(await statusOf(agentId)).toBe('running')
  })

  test('can be deleted while it starts', async () => {
    const agentId = await provision()
    await post(`/api/agents/${agentId}/stop`)
    const starting = post(`/api/agents/${agentId}/start`)
    await until(agentId, 'starting')
    const deleted = await server.call('DELETE', `/api/agents/${agentId}`, { key: account.key })
    expect(deleted).toMatchObject({ status: 200, body: { deleted: true } })
    await starting
    expect((await get(`/api/agents/${agentId}`)).status).toBe(404)
    await expect(readFile(join(dataDir, 'agents', agentId, 'gateway.json'))).rejects.toMatchObject({ code: 'ENOENT' })
  })
})

test('a message that arrives while an agent restarts waits until it is back', async () => {
  const agentId = await provision()
  const restarting = post(`/api/agents/${agentId}/restart`)
  await until(agentId, 'starting')
  const { body } = await post('/api/chat', { agentId, message: 'And now?' })
  expect(body.reply).toBe('You said: And now?')
  expect((await restarting).body).toMatchObject({ success: true, openclawVersion: '2026.9.6' })
})
