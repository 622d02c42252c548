import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestServer, type TestAccount, type TestServer } from '../helpers/test-server.ts'
import { expectContract } from './contract.ts'
import { createOwner } from './fixtures.ts'
import { withEnv } from './with-env.ts'

let server: TestServer
let account: TestAccount
beforeAll(async () => {
  server = await startTestServer()
  account = await server.createAccount()
})
afterAll(() => server.close())

const call = (method: string, path: string, body?: unknown, { key } = account) =>
  server.call(method, path, { key, ...(body === undefined ? {} : { body }) })
const provision = async (body: Record<string, unknown>, of = account) => (await call('POST', '/api/agents/provision', body, of)).body.agent

test('with no credential the list of agents is empty, while a bad key is refused', async () => {
  const anonymous = await server.call('GET', '/api/agents')
  expectContract('listAgents', anonymous)
  expect(anonymous.body).toEqual({ agents: [], count: 0, status: 'ok' })
  const refused = await server.call('GET', '/api/agents', { key: 'sk_bad' })
  expect(refused.status).toBe(401)
  expectContract('listAgents', refused)
})

test('both lists have the newest agent first', async () => {
  const fresh = await server.createAccount()
  const first = await provision({ name: 'First' }, fresh)
  const second = (await call('POST', '/api/agents', { name: 'Second' }, fresh)).body
  for (const path of ['/api/agents', '/api/agents/provision']) {
    const { body } = await call('GET', path, undefined, fresh)
    expect(body.agents.map(({ id }: { id: string }) => id)).toEqual([second.id, first.id])
    expect(body.count).toBe(2)
  }
})

test('a created agent waits, and its id is made from its name and a random suffix', async () => {
  const body = { name: '  Ünder der Brücke  ', config: { plan: 'label' } }
  const created = await call('POST', '/api/agents', body)
  expect(created.body).toMatchObject({ name: 'Ünder der Brücke', status: 'pending', agentId: created.body.id })
  expect(created.body.id).toMatch(/^under-der-brucke-[a-z0-9]{8,}$/)
  const { agent } = (await call('GET', `/api/agents/${created.body.id}`)).body
  expect(agent).toMatchObject({ plan: 'label', startedAt: null, verified: false })
})

test('an agent may be called provision and is still found by its id', async () => {
  const { id } = await provision({ name: 'provision' })
  expect(id).not.toBe('provision')
  expect((await call('GET', `/api/agents/${id}`)).body.agent.id).toBe(id)
})

test('starting, stopping and starting again follow the runtime', async () => {
  const { id } = (await call('POST', '/api/agents', { name: 'Night Clerk' })).body
  const statusOf = async () => (await call('GET', `/api/agents/${id}`)).body.agent.status
  for (const [action, status, stored] of [
    ['start', 'active', 'running'],
    ['start', 'active', 'running'],
    ['stop', 'stopped', 'stopped'],
    ['stop', 'stopped', 'stopped'],
    ['restart', 'active', 'running'],
  ]) {
    const answer = await call('POST', `/api/agents/${id}/${action}`)
    expect(answer).toMatchObject({ status: 200, body: { success: true, status } })
    expect(await statusOf()).toBe(stored)
  }
})

test('a restart swaps a model that is gone for the default one', async () => {
  const variables = { OPENAI_API_KEY: 'x' }
  const { id, model } = await withEnv(server, variables, () => provision({ name: 'Night Clerk' }))
  expect(model).toBe('openai/gpt-4o-mini')
  const restarted = await call('POST', `/api/agents/${id}/restart`)
  expectContract('restartAgent', restarted)
  expect(restarted.body).toMatchObject({
    status: 'active',
    healedLegacyModel: true,
    healMessage: expect.stringContaining('openai/gpt-4o-mini'),
  })
  expect((await call('GET', `/api/agents/${id}/config`)).body.config.model).toBe('local/commands')
  const again = await call('POST', `/api/agents/${id}/restart`)
  expect(again.body).toMatchObject({ healedLegacyModel: false, healMessage: 'skip' })
  expect((await call('POST', '/api/chat', { message: 'calculate 2 + 2', agentId: id })).body.reply).toContain('4')
})

test('an agent whose model is gone cannot be started; it is kept with status error', async () => {
  const { id } = await withEnv(
    server,
    { OPENAI_API_KEY: 'x' },
    async () => (await call('POST', '/api/agents', { name: 'Night Clerk' })).body,
  )
  const answer = await call('POST', `/api/agents/${id}/start`)
  expect(answer.status).toBe(502)
  expectContract('startAgent', answer)
  expect((await call('GET', `/api/agents/${id}`)).body.agent.status).toBe('error')
})

test('deleting an agent removes its messages, its memory and all else it had', async () => {
  const { agentId, ...owner } = await createOwner(server)
  const { system } = server.platform.databases
  const left = async () => {
    const tables = ['messages', 'agentMemories', 'agentCredentials', 'agentSkills', 'conversationSessions', 'agentTurns'] as const
    const rows = await Promise.all(tables.map((table) => system.selectFrom(table).selectAll().where('agentId', '=', agentId).execute()))
    return rows.map(({ length }) => length)
  }
  expect((await left()).every((count) => count > 0)).toBe(true)
  const deleted = await call('DELETE', `/api/agents/${agentId}`, undefined, owner)
  expect(deleted.body).toEqual({ id: agentId, deleted: true })
  expect(await left()).toEqual([0, 0, 0, 0, 0, 0])
  for (const [method, path] of [
    ['DELETE', `/api/agents/${agentId}`],
    ['GET', `/api/agents/${agentId}`],
    ['GET', `/api/memory?agentId=${agentId}`],
    ['GET', `/api/chat?agentId=${agentId}`],
  ] as const) {
    expect((await call(method, path, undefined, owner)).status).toBe(404)
  }
  expect((await call('GET', '/api/chat', undefined, owner)).body).toEqual({ messages: [], count: 0 })
})

test('an unknown agent cannot be deleted', async () => {
  const answer = await call('DELETE', '/api/agents/no-such-agent')
  expect(answer).toMatchObject({ status: 404, body: { code: 'AGENT_NOT_FOUND' } })
  expectContract('deleteAgent', answer)
})

test('figures are measured: none before the first message, and then those of the messages', async () => {
  const { id } = await provision({ name: 'Night Clerk' })
  const stats = async () => {
    const answer = await call('GET', `/api/agents/${id}/stats`)
    expectContract('getAgentStats', answer)
    return answer.body.stats
  }
  const none = { messagesProcessed: 0, messagesPerHour: 0, averageResponseTime: null, successRate: null, errorRate: null }
  expect(await stats()).toMatchObject({ ...none, status: 'running', storedBytes: 0 })
  await call('POST', '/api/chat', { message: 'calculate 2 + 2', agentId: id })
  const after = await stats()
  expect(after).toMatchObject({ messagesProcessed: 1, successRate: '100.00', errorRate: '0.00' })
  expect(after.averageResponseTime).toBeGreaterThan(0)
  expect(after.storedBytes).toBeGreaterThan('calculate 2 + 2'.length)
})

test('resetting the memory empties it and keeps the messages', async () => {
  const { agentId, marker, ...owner } = await createOwner(server)
  const reset = await call('POST', `/api/agents/${agentId}/reset-memory`, undefined, owner)
  expectContract('resetAgentMemory', reset)
  expect((await call('GET', `/api/memory?agentId=${agentId}`, undefined, owner)).body).toMatchObject({
    memory: {},
    count: 0,
    lastUpdated: null,
  })
  expect((await call('GET', `/api/chat?topic=${marker}`, undefined, owner)).body.count).toBeGreaterThan(0)
  expect((await call('GET', `/api/agents/${agentId}`, undefined, owner)).body.agent.status).toBe('running')
})
