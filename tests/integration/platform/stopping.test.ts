import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { SERVER, startServerProcess, type ServerProcess } from '../../../scripts/server-process.ts'
import type { AgentEvent } from '../../../server/agents/runtime/runtime.contract.ts'
import { createGate, startFakeOpenAi } from '../../fakes/openai.ts'
import { startBreakingProxy } from '../../helpers/breaking-proxy.ts'
import { eventsOf } from '../../helpers/sse.ts'
import { subscriptionClient, Watch } from '../../helpers/subscription.ts'

// It starts a server of its own, which takes seconds on a busy machine.
vi.setConfig({ testTimeout: 60_000 })

let dataDir: string
let model: Awaited<ReturnType<typeof startFakeOpenAi>>
let server: ServerProcess
let environment: Record<string, string>
let key: Record<string, string>
const json = { 'content-type': 'application/json' }

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'agentbot-test-'))
  model = await startFakeOpenAi()
  environment = {
    DATA_DIR: dataDir,
    LOG_LEVEL: 'warn',
    RATE_LIMIT_SCALE: '100',
    STOP_GRACE_SECONDS: '3',
    OPENAI_COMPATIBLE_BASE_URL: model.url,
    DEFAULT_MODEL: 'compatible/fake-model',
  }
  server = await startServerProcess(SERVER, environment)
  const account = { email: 'ada@example.org', password: 'correct horse' }
  await post('/api/register', account)
  const cookie = (await post('/api/auth/login', account)).headers.get('set-cookie')!.split(';')[0]!
  const created = (await (await post('/api/keys', { name: 'test' }, { cookie })).json()) as { key: string }
  key = { authorization: `Bearer ${created.key}` }
})
afterEach(async () => {
  await server.stop('SIGKILL')
  await model.close()
  await rm(dataDir, { recursive: true, force: true })
})

const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
  fetch(server.url + path, { method: 'POST', headers: { ...json, ...headers }, body: JSON.stringify(body) })

test('SIGTERM ends every open stream with an event that says so, and waiting calls with 503, within the grace', async () => {
  const events = { accept: 'text/event-stream', ...key }
  const first = (await (await post('/api/agents/provision', { name: 'One' }, key)).json()) as { agent: { id: string } }
  const second = (await (await post('/api/agents/provision', { name: 'Two' }, key)).json()) as { agent: { id: string } }
  const gate = createGate()
  for (let count = 0; count < 3; count++) model.script({ kind: 'slow', chunks: ['Half an answer', ' and the rest'], gate })

  const watched = await fetch(`${server.url}/api/agents/${first.agent.id}/logs`, { headers: events })
  const overGraphql = await post('/graphql', { query: 'subscription { agentEvents { kind: __typename } }' }, events)
  const overTrpc = await post('/trpc/agents.events', {}, events)
  const streamed = post('/api/chat', { message: 'Go on', agentId: first.agent.id }, events)
  await model.request(0)
  const overV1 = post(
    '/v1/chat/completions',
    { model: 'compatible/fake-model', stream: true, messages: [{ role: 'user', content: 'Go' }] },
    key,
  )
  await model.request(1)
  const waiting = post('/api/chat', { message: 'Are you there?', agentId: second.agent.id }, key)
  await model.request(2)

  const began = performance.now()
  const code = server.stop('SIGTERM')
  const stopping = expect.stringContaining('SERVER_STOPPING')
  expect(await watched.text()).toEqual(stopping)
  expect(await overGraphql.text()).toEqual(stopping)
  expect(await overTrpc.text()).toEqual(stopping)
  await expect(once(connect(Number(new URL(server.url).port), '127.0.0.1'), 'connect')).rejects.toThrow('ECONNREFUSED')

  const refused = await waiting
  expect(refused.status).toBe(503)
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
  expect(await refused.json()).toMatchObject({ code: 'SERVER_STOPPING' })
  const told = await Array.fromAsync(eventsOf(await streamed))
  expect(told.at(-1)).toMatchObject({ event: 'error', data: { code: 'SERVER_STOPPING', status: 503 } })
  expect(await (await overV1).text()).toEqual(stopping)
  expect(await code).toBe(0)
  expect(performance.now() - began).toBeLessThan(6_000)
})

test('who watches agents connects to the next server and goes on', async () => {
  const { agent } = (await (await post('/api/agents/provision', { name: 'One' }, key)).json()) as { agent: { id: string } }
  const proxy = await startBreakingProxy(server.url)
  const watch = new Watch<AgentEvent>((handlers) => subscriptionClient(proxy.url, key).agents.events.subscribe({}, handlers))
  await watch.until((events) => events.some(({ type }) => type === 'status'))
  await server.stop('SIGTERM')
  server = await startServerProcess(SERVER, environment)
  proxy.cut(server.url)
  await watch.until((events) => events.filter(({ type }) => type === 'ready').length === 2)
  await post(`/api/agents/${agent.id}/stop`, {}, key)
  await watch.until((events) => events.some((event) => event.type === 'status' && event.status === 'stopped'))
  watch.stop()
  await proxy.close()
})
