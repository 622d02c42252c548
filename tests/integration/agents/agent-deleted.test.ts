import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { createGate, startFakeOpenAi, type FakeOpenAi } from '../../fakes/openai.ts'
import { eventsOf, type SentEvent } from '../../helpers/sse.ts'
import { seedAccount } from '../../helpers/seed.ts'
import { startTestServer, type TestAccount, type TestServer } from '../../helpers/test-server.ts'

let model: FakeOpenAi
let server: TestServer
let account: TestAccount
let agentId: string

beforeAll(async () => {
  model = await startFakeOpenAi()
  server = await startTestServer({ OPENAI_COMPATIBLE_BASE_URL: model.url, DEFAULT_MODEL: 'compatible/fake-model' })
})
afterAll(async () => {
  await server.close()
  await model.close()
})
beforeEach(async () => {
  model.requests.length = 0
  ;({ account, agentId } = await seedAccount(server))
})

const deleteAgent = () => server.call('DELETE', `/api/agents/${agentId}`, { key: account.key })
const say = (message: string) => server.call('POST', '/api/chat', { key: account.key, body: { message, agentId } })
const open = (method: string, path: string, body?: unknown) =>
  fetch(server.url + path, {
    method,
    headers: { authorization: `Bearer ${account.key}`, 'content-type': 'application/json', accept: 'text/event-stream' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })

/** All events until the stream ends; `onFirst` is called with the first one. */
async function readAll(response: Response, onFirst: () => void = () => undefined): Promise<SentEvent[]> {
  const events: SentEvent[] = []
  for await (const event of eventsOf(response)) {
    if (events.push(event) === 1) onFirst()
  }
  return events
}

const GONE = { status: 404, body: { code: 'AGENT_NOT_FOUND' } }

test('everybody who waits for an answer of a deleted agent is told that it is gone', async () => {
  model.script({ kind: 'hang', gate: createGate() })
  const speaking = say('First')
  await model.request(0)
  const waiting = [say('Second'), say('Third')]
  const streamed = readAll(await open('POST', '/api/chat', { message: 'Fourth', agentId }))
  const counted = async () => (await server.call('GET', `/api/chat?agentId=${agentId}`, { key: account.key })).body.count
  await expect.poll(counted).toBe(4)
  expect((await deleteAgent()).status).toBe(200)
  for (const answer of await Promise.all([speaking, ...waiting])) expect(answer).toMatchObject(GONE)
  expect((await streamed).at(-1)).toMatchObject({ event: 'error', data: { status: 404, code: 'AGENT_NOT_FOUND' } })
  expect(model.requests).toHaveLength(1)
})

test('an agent whose row is gone, however that came, is answered with 404', async () => {
  model.script({ kind: 'hang', gate: createGate() })
  const calls = [say('First'), say('Second')]
  await model.request(0)
  await server.platform.databases.system.deleteFrom('agents').where('id', '=', agentId).execute()
  for (const answer of await Promise.all(calls)) expect(answer).toMatchObject(GONE)
})

test('watchers of its state and of its log get an event that says so, and then the end', async () => {
  for (const path of [`/api/agents/${agentId}`, `/api/agents/${agentId}/logs`]) {
    agentId = (await server.call('POST', '/api/agents/provision', { key: account.key, body: { name: 'Other' } })).body.agent.id
    const deletions: ReturnType<typeof deleteAgent>[] = []
    const events = await readAll(await open('GET', path.replace(/agents\/[^/]+/, `agents/${agentId}`)), () => deletions.push(deleteAgent()))
    expect(events.at(-1), path).toMatchObject({ event: 'deleted', data: { agentId } })
    expect(await Promise.all(deletions)).toMatchObject([{ status: 200 }])
  }
})

test('subscriptions over GraphQL are told too, and those to all agents go on', async () => {
  const query = `subscription { agentEvents { kind: __typename } }`
  const response = await open('POST', '/graphql', { query })
  const names: string[] = []
  const provision = () => server.call('POST', '/api/agents/provision', { key: account.key, body: { name: 'Next' } })
  const calls: ReturnType<typeof provision>[] = []
  for await (const { event, data } of eventsOf(response)) {
    if (event !== 'next') continue
    const name: string = data.data.agentEvents.kind
    if (names.push(name) === 2) calls.push(deleteAgent())
    if (name === 'AgentDeletedEvent') calls.push(provision())
    if (names.includes('AgentDeletedEvent') && name === 'AgentStatusChanged') break
  }
  expect(names.slice(0, 3)).toEqual(['AgentEventsReady', 'AgentStatusChanged', 'AgentDeletedEvent'])
  expect(await Promise.all(calls)).toMatchObject([{ status: 200 }, { status: 201 }])
})
