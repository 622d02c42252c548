import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { keepMetricHours } from '../../../server/insight/metrics/metric-hours.service.ts'
import { newId } from '../../../server/platform/core/ids.ts'
import type { TestAccount, TestServer } from '../../helpers/test-server.ts'
import { startContractServer } from '../../contract/contract-server.ts'
import { setAccount } from '../../helpers/set-account.ts'

const HOUR_MS = 3_600_000
const ADMIN = 'admin@example.org'
const TOKEN = 'a-token-that-only-Prometheus-has'

let server: TestServer
beforeAll(async () => {
  server = await startContractServer({ ADMIN_EMAILS: ADMIN, METRICS_TOKEN: TOKEN })
})
afterAll(() => server.close())

const get = async (path: string, caller: TestAccount) => (await server.call('GET', path, { key: caller.key })).body

async function accountWithAgent(): Promise<TestAccount & { agentId: string }> {
  const account = await server.createAccount()
  const { agent } = (await server.call('POST', '/api/agents/provision', { key: account.key, body: { name: 'Clerk' } })).body
  return { ...account, agentId: agent.id }
}

const say = async (account: TestAccount & { agentId: string }, message: string) =>
  (await server.call('POST', '/api/chat', { key: account.key, body: { message, agentId: account.agentId } })).body

describe('metrics of an account', () => {
  test('are null or zero before anything was measured', async () => {
    const account = await server.createAccount()
    const { metrics, status, plan } = await get('/api/metrics', account)
    expect({ status, plan }).toEqual({ status: 'ok', plan: 'free' })
    expect(metrics).toMatchObject({
      agents: { total: 0, active: 0, inactive: 0, failed: 0 },
      messages: { today: 0, thisWeek: 0, thisMonth: 0 },
      deployments: { total: 0, successful: 0, failed: 0 },
      uptime: { averageAgentUptime: null },
      performance: { averageResponseTime: null, successRate: null, errorRate: null, cpu: null, memory: null },
      storage: { used: 0, total: 512, percentUsed: 0 },
    })
    expect(await get(`/api/metrics/${account.id}/performance`, account)).toEqual({
      cpu: null,
      memory: null,
      errorRate: null,
      responseTime: null,
    })
    const { metrics: points, averages } = await get(`/api/metrics/${account.id}/historical`, account)
    expect({ points, averages }).toEqual({ points: [], averages: { cpu: null, memory: null, messages: null, errors: null } })
  })

  test('count what was recorded, and nothing of anybody else', async () => {
    const account = await accountWithAgent()
    const other = await accountWithAgent()
    await say(account, 'calculate 2 + 2')
    await say(account, 'help')
    await failTurn((await say(account, 'calculate 3 + 3')).id)
    await say(other, 'help')
    const { metrics } = await get('/api/metrics', account)
    expect(metrics.agents).toEqual({ total: 1, active: 1, inactive: 0, failed: 0 })
    expect(metrics.messages).toEqual({ today: 6, thisWeek: 6, thisMonth: 6 })
    expect(metrics.deployments).toEqual({ total: 1, successful: 1, failed: 0 })
    expect(metrics.performance).toMatchObject({ successRate: 66.67, errorRate: 33.33 })
    expect(metrics.performance.averageResponseTime).toBeGreaterThan(0)
    expect(metrics.performance.cpu).toBeGreaterThanOrEqual(0)
    expect(metrics.uptime.platformUptime).toBe(100)
    expect(metrics.uptime.averageAgentUptime).toBeGreaterThan(0)
    const stats = await get('/api/stats', account)
    expect(stats).toMatchObject({ messages: 6, errors: 1 })
  })

  test('more than 5 errors in the last hour are degraded, more than 10 unhealthy', async () => {
    const account = await accountWithAgent()
    const { id } = await say(account, 'help')
    await failTurn(id)
    const repeat = (times: number) =>
      server.platform.databases.system
        .insertInto('agentTurns')
        .values(
          Array.from({ length: times }, () => ({
            id: newId('turn'),
            accountId: account.id,
            agentId: account.agentId,
            messageId: id,
            status: 'failed',
            finishedAt: new Date().toISOString(),
          })),
        )
        .execute()
    await repeat(5)
    expect((await get('/api/stats', account)).health).not.toBe('healthy')
    await repeat(5)
    expect(await get('/api/stats', account)).toMatchObject({ errors: 11, health: 'unhealthy' })
  })

  test('an agent that was stopped half of the time was up half of the time', async () => {
    const account = await accountWithAgent()
    const { system } = server.platform.databases
    await system.deleteFrom('agentStatusChanges').where('accountId', '=', account.id).execute()
    const at = (hours: number) => new Date(Date.now() - hours * HOUR_MS).toISOString()
    const change = { accountId: account.id, agentId: account.agentId }
    await system
      .insertInto('agentStatusChanges')
      .values([
        { ...change, fromStatus: 'starting', status: 'running', changedAt: at(8) },
        { ...change, fromStatus: 'running', status: 'stopped', changedAt: at(4) },
      ])
      .execute()
    expect((await get('/api/metrics', account)).metrics.uptime.averageAgentUptime).toBeCloseTo(50, 1)
  })

  test('skills are counted from installations', async () => {
    const account = await accountWithAgent()
    const skill = { accountId: account.id, agentId: account.agentId, description: '' }
    const monthsAgo = new Date(Date.now() - 40 * 24 * HOUR_MS).toISOString()
    await server.platform.databases.system
      .insertInto('agentSkills')
      .values([
        { ...skill, skillId: 'a', name: 'A', installedAt: monthsAgo },
        { ...skill, skillId: 'b', name: 'B', isEnabled: false },
      ])
      .execute()
    const summary = await get(`/api/metrics/${account.id}/summary`, account)
    expect(summary.skills).toEqual({ active: 1, total: 2, growth: '+100%' })
    expect(summary.revenue).toEqual({ month: '$0.00', total: '$0.00', change: null })
  })
})

describe('metrics over time', () => {
  // An hour that ended while other tests measured the load would be a point too.
  beforeEach(() => server.platform.databases.system.deleteFrom('loadSamples').execute())

  test('have a point for each hour in which an agent was up and the load was measured', async () => {
    const account = await accountWithAgent()
    await say(account, 'help')
    await record(account, 5, 40, 60)
    await keepMetricHours(server.platform)
    const { metrics, averages, timeRange } = await get(`/api/metrics/${account.id}/historical?range=7d`, account)
    expect(timeRange).toBe('7d')
    expect(metrics).toHaveLength(2)
    expect(metrics[0]).toEqual({ timestamp: hourAgo(5), cpu: 40, memory: 60, messages: 1, errors: 0 })
    expect(metrics[1]).toMatchObject({ timestamp: hourAgo(0), messages: 2, errors: 0 })
    expect(averages.messages).toBe(1.5)
    const short = await get(`/api/metrics/${account.id}/historical`, account)
    expect(short.metrics).toEqual(metrics)
  })

  test('come to the same however often and wherever they are summed', async () => {
    const account = await accountWithAgent()
    await say(account, 'help')
    await record(account, 2, 10, 20)
    await Promise.all([keepMetricHours(server.platform), keepMetricHours(server.platform)])
    const hoursOf = async () =>
      server.platform.databases.system
        .selectFrom('metricHours')
        .where('accountId', '=', account.id)
        .select(['hour', 'messages', 'turns', 'responseCount', 'responseMsSum'])
        .orderBy('hour')
        .execute()
    const once = await hoursOf()
    expect(once).toHaveLength(2)
    await keepMetricHours(server.platform)
    expect(await hoursOf()).toEqual(once)
  })

  test('are caught up with after a time without a server', async () => {
    const account = await accountWithAgent()
    await record(account, 20, 15, 25)
    await server.platform.databases.system.deleteFrom('metricHours').execute()
    await keepMetricHours(server.platform)
    const { metrics } = await get(`/api/metrics/${account.id}/historical`, account)
    expect(metrics[0]).toEqual({ timestamp: hourAgo(20), cpu: 15, memory: 25, messages: 1, errors: 0 })
  })

  test.each(['historical', 'performance', 'summary'])('of somebody else are refused: %s', async (what) => {
    const [account, other] = [await server.createAccount(), await server.createAccount()]
    for (const userId of [other.id, 'usr_none']) {
      const answer = await server.call('GET', `/api/metrics/${userId}/${what}`, account)
      expect(answer).toMatchObject({ status: 403, body: { code: 'NOT_YOUR_METRICS' } })
    }
  })

  test('of any account are shown to an admin', async () => {
    const account = await accountWithAgent()
    await say(account, 'help')
    const admin = await adminAccount()
    const answer = await server.call('GET', `/api/metrics/${account.id}/performance`, { cookie: admin.cookie })
    expect(answer).toMatchObject({ status: 200, body: { errorRate: 0 } })
    expect((await server.call('GET', '/api/metrics/usr_none/performance', { cookie: admin.cookie })).status).toBe(403)
  })

  test('go over GraphQL, where a range is a word', async () => {
    const account = await server.createAccount()
    const query = 'query ($id: ID!) { metricHistory(userId: $id, range: _7d) { timeRange metrics { cpu } averages { messages } } }'
    const { body } = await server.graphql(query, { id: account.id }, account)
    expect(body).toMatchObject({ data: {} })
    expect(body.data.metricHistory).toEqual({ timeRange: '_7d', metrics: [], averages: { messages: null } })
  })
})

describe('runs of tools', () => {
  test('are counted by the name of the tool, with their time', async () => {
    const account = await accountWithAgent()
    await say(account, 'calculate 2 + 2')
    await say(account, 'calculate 3 / 4')
    await say(account, 'calculate 3 +* 4')
    await say(account, 'remember berth is 9')
    const rows = await get('/api/usage/tools', account)
    expect(rows).toEqual([
      { tool_name: 'calculate', calls: 3, successes: 2, avg_ms: expect.any(Number) },
      { tool_name: 'remember', calls: 1, successes: 1, avg_ms: expect.any(Number) },
    ])
    expect(await get(`/api/usage/tools?agentId=${account.agentId}&days=1`, account)).toEqual(rows)
    expect((await server.call('GET', '/api/usage/tools?agentId=none', account)).status).toBe(404)
  })

  test('stay counted when their agent is deleted', async () => {
    const account = await accountWithAgent()
    await say(account, 'calculate 2 + 2')
    await server.call('DELETE', `/api/agents/${account.agentId}`, { key: account.key })
    expect(await get('/api/usage/tools', account)).toMatchObject([{ tool_name: 'calculate', calls: 1 }])
  })
})

describe('/metrics for Prometheus', () => {
  const read = (headers: Record<string, string>) => server.call('GET', '/metrics', { headers })

  test('is for whoever has the token, and for admins', async () => {
    const admin = await adminAccount()
    const good: Record<string, string>[] = [
      { authorization: `Bearer ${TOKEN}` },
      { authorization: `Bearer ${admin.key}` },
      { cookie: admin.cookie },
    ]
    for (const headers of good) {
      const answer = await read(headers)
      expect(answer.status).toBe(200)
      expect(answer.headers.get('content-type')).toMatch(/^text\/plain/)
      expect(answer.body).toContain('process_cpu_seconds_total')
    }
  })

  test('is refused to everybody else', async () => {
    const account = await server.createAccount()
    expect((await read({ authorization: `Bearer ${account.key}` })).status).toBe(403)
    expect((await read({ cookie: account.cookie })).status).toBe(403)
    const bad: Record<string, string>[] = [{}, { authorization: 'Bearer' }, { authorization: `Bearer ${TOKEN}x` }]
    for (const headers of bad) expect((await read(headers)).status).toBe(401)
    expect((await server.call('POST', '/metrics', { key: account.key, body: {} })).status).toBe(405)
  })

  test('counts requests by the pattern of their path, model calls, tokens, turns and queues', async () => {
    const account = await accountWithAgent()
    await server.call('GET', `/api/agents/${account.agentId}`, account)
    await server.call('GET', '/api/no-such-path', account)
    await say(account, 'calculate 2 + 2')
    const { body } = await read({ authorization: `Bearer ${TOKEN}` })
    expect(body).toContain('agentbot_http_request_duration_seconds_count{method="GET",route="/api/agents/:id",status="200"}')
    expect(body).toMatch(/_count\{method="GET",route="\/api\/\*",status="404"\} \d/)
    expect(body).toMatch(/agentbot_model_calls_total\{provider="local",outcome="ok"\} \d/)
    expect(body).toMatch(/agentbot_model_tokens_total\{provider="local",direction="input"\} \d/)
    expect(body).toMatch(/agentbot_turns_total\{status="answered"\} \d/)
    expect(body).toContain('agentbot_queue_length{queue="turns",state="queued"} 0')
    for (const name of [account.id, account.agentId, account.email]) expect(body).not.toContain(name)
  })
})

const hourAgo = (hours: number) => new Date(Math.floor(Date.now() / HOUR_MS - hours) * HOUR_MS).toISOString()

/** An agent that was up for long, a sample of the load and a message, as they were recorded some hours ago. */
async function record(account: TestAccount & { agentId: string }, hours: number, cpuPercent: number, memoryPercent: number): Promise<void> {
  const { system } = server.platform.databases
  const at = new Date(Date.parse(hourAgo(hours)) + HOUR_MS / 2).toISOString()
  await system.deleteFrom('loadSamples').where('sampledAt', '=', at).execute()
  await system.insertInto('loadSamples').values({ serverId: 'test', sampledAt: at, cpuPercent, memoryPercent }).execute()
  await system
    .updateTable('agentStatusChanges')
    .set({ changedAt: hourAgo(100) })
    .where('accountId', '=', account.id)
    .execute()
  const message = { accountId: account.id, agentId: account.agentId, sender: 'user', content: 'earlier', platform: 'api' }
  await system
    .insertInto('messages')
    .values({ ...message, id: newId('message'), createdAt: at })
    .execute()
}

async function failTurn(messageId: string): Promise<void> {
  await server.platform.databases.system.updateTable('agentTurns').set({ status: 'failed' }).where('messageId', '=', messageId).execute()
}

let admin: TestAccount | undefined
async function adminAccount(): Promise<TestAccount> {
  admin ??= await server.createAccount({ email: ADMIN })
  await setAccount(server, admin.id, { emailVerifiedAt: new Date().toISOString() })
  return admin
}

test('the load of this server is not that of agents which run on machines of a cluster', async () => {
  const elsewhere = await startContractServer({
    RUNTIME: 'kubernetes',
    RUNTIME_MODELS_URL: 'http://127.0.0.1:9/v1',
    KUBECONFIG: '/nowhere',
    DATA_DIR_SHARED: 'on',
  })
  try {
    const owner = await elsewhere.createAccount()
    const { id } = (await elsewhere.call('POST', '/api/agents', { key: owner.key, body: { name: 'Clerk' } })).body
    const { system } = elsewhere.platform.databases
    await system.updateTable('agents').set({ status: 'running' }).where('id', '=', id).execute()
    await keepMetricHours(elsewhere.platform)
    const ask = async (path: string) => (await elsewhere.call('GET', path, { key: owner.key })).body
    expect((await ask('/api/metrics')).metrics).toMatchObject({ agents: { active: 1 }, performance: { cpu: null, memory: null } })
    expect(await ask(`/api/metrics/${owner.id}/performance`)).toMatchObject({ cpu: null, memory: null })
    expect(await ask(`/api/metrics/${owner.id}/historical`)).toMatchObject({ metrics: [], averages: { cpu: null, memory: null } })
  } finally {
    await elsewhere.close()
  }
})
