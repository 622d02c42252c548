import { afterAll, beforeAll, expect, test } from 'vitest'
import { keepMetricHours } from '../../../server/insight/metrics/metric-hours.service.ts'
import { failTurn } from '../../contract/fixtures.ts'
import { startFakeOpenAi, type FakeOpenAi } from '../../fakes/openai.ts'
import { startTestServer, type TestAccount, type TestServer } from '../../helpers/test-server.ts'

// What an account did stays what it did when the agent that did it is deleted.

let provider: FakeOpenAi
let server: TestServer
beforeAll(async () => {
  provider = await startFakeOpenAi()
  server = await startTestServer({
    OPENAI_COMPATIBLE_BASE_URL: provider.url,
    DEFAULT_MODEL: 'compatible/fake-model',
    MODEL_PRICES: 'compatible/fake-model=1/2',
  })
})
afterAll(async () => {
  await server.close()
  await provider.close()
})

const get = async (account: TestAccount, path: string) => (await server.call('GET', path, { key: account.key })).body
const post = async (account: TestAccount, path: string, body: object) => (await server.call('POST', path, { key: account.key, body })).body
const remove = (account: TestAccount, agentId: string) => server.call('DELETE', `/api/agents/${agentId}`, { key: account.key })

/** An account whose agent answered twice, used a tool once, and failed once. */
async function accountWithHistory(): Promise<{ account: TestAccount; agentId: string }> {
  const account = await server.createAccount()
  const { agent } = await post(account, '/api/agents/provision', { name: 'Clerk', model: 'local/commands' })
  await post(account, '/api/chat', { agentId: agent.id, message: 'calculate 6 * 7' })
  await server.call('PUT', `/api/agents/${agent.id}/config`, { key: account.key, body: { model: 'compatible/fake-model' } })
  await post(account, '/api/chat', { agentId: agent.id, message: 'Hello' })
  await failTurn(server, (await post(account, '/api/chat', { agentId: agent.id, message: 'Are you there?' })).id)
  return { account, agentId: agent.id }
}

/** Every figure of an account that says what happened, not what there is. */
async function figuresOf(account: TestAccount) {
  const { metrics } = await get(account, '/api/metrics')
  const { messages, errors } = await get(account, '/api/stats')
  const { metrics: hours } = await get(account, `/api/metrics/${account.id}/historical?range=24h`)
  const performance = await get(account, `/api/metrics/${account.id}/performance`)
  const summary = await get(account, '/api/usage/summary')
  return {
    messages: metrics.messages,
    deployments: metrics.deployments,
    rates: [metrics.performance.averageResponseTime, metrics.performance.successRate, metrics.performance.errorRate],
    ever: { messages, errors },
    hours: hours.map((hour: { messages: number; errors: number }) => [hour.messages, hour.errors]),
    lastHour: [performance.errorRate, performance.responseTime],
    tools: await get(account, '/api/usage/tools'),
    tokens: summary.map(({ model, total_tokens }: { model: string; total_tokens: number }) => [model, total_tokens]),
  }
}

test('the figures of an account are those of before when an agent of it is deleted', async () => {
  const { account, agentId } = await accountWithHistory()
  const before = await figuresOf(account)
  expect(before.ever).toEqual({ messages: 5, errors: 1 })
  expect(before.tools).toMatchObject([{ tool_name: 'calculate', calls: 1, successes: 1 }])
  expect((await remove(account, agentId)).status).toBe(200)
  expect(await figuresOf(account)).toEqual(before)
  // Sums that are written down again come to the same.
  await keepMetricHours(server.platform)
  const { rows } = {
    rows: await server.platform.databases.system.selectFrom('metricHours').where('accountId', '=', account.id).selectAll().execute(),
  }
  expect(rows.reduce((sum, { messages }) => sum + messages, 0)).toBe(5)
  expect(rows.reduce((sum, { errors }) => sum + errors, 0)).toBe(1)
})

test('two agents that are deleted at once are both counted', async () => {
  const { account, agentId } = await accountWithHistory()
  const { agent } = await post(account, '/api/agents/provision', { name: 'Second', model: 'local/commands' })
  await post(account, '/api/chat', { agentId: agent.id, message: 'help' })
  const answers = await Promise.all([agentId, agent.id].map((id) => remove(account, id)))
  expect(answers.map(({ status }) => status)).toEqual([200, 200])
  expect((await get(account, '/api/stats')).messages).toBe(7)
})

test('nothing of what was said is kept, and nobody else sees any of it', async () => {
  const { account, agentId } = await accountWithHistory()
  const other = await server.createAccount()
  const before = await figuresOf(other)
  await remove(account, agentId)
  expect(await figuresOf(other)).toEqual(before)
  const { system } = server.platform.databases
  expect(await system.selectFrom('messages').where('accountId', '=', account.id).selectAll().execute()).toEqual([])
  const kept = [
    await system.selectFrom('pastTurns').where('accountId', '=', account.id).selectAll().execute(),
    await system.selectFrom('pastMessages').where('accountId', '=', account.id).selectAll().execute(),
  ]
  expect(kept.flat()).not.toHaveLength(0)
  expect(JSON.stringify(kept)).not.toContain('Are you there')
})

test('the usage of a deleted agent is still that of its account, which is told that it is gone', async () => {
  const { account, agentId } = await accountWithHistory()
  const byAgent = await get(account, `/api/usage/by-agent/${agentId}`)
  expect(byAgent).toMatchObject([{ model: 'compatible/fake-model', events: 2 }, { model: 'local/commands' }])
  const deletedOf = async () =>
    (await get(account, '/api/usage/summary')).map(({ agent_id, agent_deleted }: Record<string, unknown>) => [agent_id, agent_deleted])
  expect(await deletedOf()).toEqual([
    [agentId, false],
    [agentId, false],
  ])
  await remove(account, agentId)
  expect(await get(account, `/api/usage/by-agent/${agentId}`)).toEqual(byAgent)
  expect(await get(account, `/api/usage/tools?agentId=${agentId}`)).toMatchObject([{ tool_name: 'calculate' }])
  expect(await deletedOf()).toEqual([
    [agentId, true],
    [agentId, true],
  ])
  const other = await server.createAccount()
  for (const path of [`/api/usage/by-agent/${agentId}`, `/api/usage/tools?agentId=${agentId}`])
    expect(await server.call('GET', path, { key: other.key })).toMatchObject({ status: 404, body: { code: 'AGENT_NOT_FOUND' } })
})

test('with an account everything goes', async () => {
  const { account, agentId } = await accountWithHistory()
  await remove(account, agentId)
  await post(account, '/api/agents/provision', { name: 'Second', model: 'local/commands' })
  const { system } = server.platform.databases
  await system.deleteFrom('accounts').where('id', '=', account.id).execute()
  for (const table of ['pastTurns', 'pastMessages', 'toolRuns', 'agentStatusChanges'] as const)
    expect(await system.selectFrom(table).where('accountId', '=', account.id).selectAll().execute(), table).toEqual([])
})
