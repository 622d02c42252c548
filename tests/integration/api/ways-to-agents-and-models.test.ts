import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { keyScopes, type Scope } from '../../../server/platform/core/scopes.contract.ts'
import { allOperations, transportsOf, type Outcome } from '../../contract/transports.ts'
import { createOwner, type Owner } from '../../contract/fixtures.ts'
import { withEnv } from '../../contract/with-env.ts'
import { startTestServer, type TestServer } from '../../helpers/test-server.ts'

// Every way to the answer of an agent or of a model, through every transport: the scopes a key needs, the bucket the call
// is counted in, and the budgets it is held to are those of what is reached, whatever the way is called.

let server: TestServer
let owner: Owner
beforeAll(async () => {
  server = await startTestServer({ RATE_LIMIT_SCALE: '1000000', DEFAULT_MODEL: 'local/commands', OPENAI_API_KEY: 'never-asked' })
  owner = await createOwner(server)
})
afterAll(() => server.close())

const messages = [{ role: 'user', content: 'calculate 2 + 2' }]
const model = 'local/commands'

interface Way {
  operation: string
  /** What tells it from other ways by the same operation. */
  what?: string
  reaches: 'agent' | 'model'
  input(): Record<string, unknown>
}

const ways: Way[] = [
  { operation: 'chat.send', reaches: 'agent', input: () => ({ agentId: owner.agentId, message: 'calculate 2 + 2' }) },
  { operation: 'chat.stream', reaches: 'agent', input: () => ({ agentId: owner.agentId, message: 'calculate 2 + 2' }) },
  { operation: 'chat.retry', reaches: 'agent', input: () => ({ messageId: owner.failedMessageId }) },
  { operation: 'chat.streamRetry', reaches: 'agent', input: () => ({ messageId: owner.failedMessageId }) },
  { operation: 'jobs.enqueueChat', reaches: 'agent', input: () => ({ message: 'calculate 2 + 2' }) },
  { operation: 'openai.complete', what: 'agent', reaches: 'agent', input: () => ({ model: `agent:${owner.agentId}`, messages }) },
  { operation: 'openai.stream', what: 'agent', reaches: 'agent', input: () => ({ model: `agent:${owner.agentId}`, messages }) },
  { operation: 'gateway.route', what: 'agent', reaches: 'agent', input: () => ({ plugin: 'agent', agentId: owner.agentId, messages }) },
  { operation: 'gateway.route', what: 'the oldest agent', reaches: 'agent', input: () => ({ plugin: 'agent', messages }) },
  { operation: 'gateway.stream', what: 'agent', reaches: 'agent', input: () => ({ plugin: 'agent', agentId: owner.agentId, messages }) },
  { operation: 'openai.complete', what: 'model', reaches: 'model', input: () => ({ model, messages }) },
  { operation: 'openai.stream', what: 'model', reaches: 'model', input: () => ({ model, messages }) },
  { operation: 'openai.embed', reaches: 'model', input: () => ({ model: 'openai/text-embedding-3-small', input: 'slack water' }) },
  { operation: 'ai.chat', reaches: 'model', input: () => ({ model, messages }) },
  { operation: 'ai.streamChat', reaches: 'model', input: () => ({ model, messages }) },
  { operation: 'gateway.route', what: 'model', reaches: 'model', input: () => ({ plugin: 'generate-text', model, messages }) },
  { operation: 'gateway.stream', what: 'model', reaches: 'model', input: () => ({ plugin: 'generate-text', model, messages }) },
  { operation: 'gateway.route', what: 'transcription', reaches: 'model', input: () => ({ plugin: 'stt', audio: WAV }) },
]

/** A second of silence, as far as the head of the file says. */
const WAV = Buffer.concat([Buffer.from('RIFF\x24\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0', 'latin1'), Buffer.alloc(64)]).toString('base64')

const table = await Promise.all(
  ways.map(async (way) => {
    const operation = allOperations.find(({ name }) => name === way.operation)!
    return (await transportsOf(operation)).map((transport) => ({
      ...way,
      transport,
      name: `${way.what ?? ''} ${way.operation} through ${transport.name}`.trim(),
    }))
  }),
).then((rows) => rows.flat())
type Row = (typeof table)[number]

const call = ({ transport, input }: Row, key = owner.key): Promise<Outcome> => transport.call(server, input(), { key })

const createKey = async (facts: { scopes?: Scope[]; spendLimitCents?: number }): Promise<string> =>
  (await server.call('POST', '/api/keys', { cookie: owner.cookie, body: { name: 'limited', ...facts } })).body.key

const allBut = (scope: Scope) => keyScopes.filter((other) => other !== scope)

describe('a key needs the scope of what it reaches:', () => {
  const keys = new Map<Scope, string>()
  beforeAll(async () => {
    for (const scope of ['chat:write', 'models:write'] as const) keys.set(scope, await createKey({ scopes: allBut(scope) }))
  })

  test.each(table)('$name', async (row) => {
    const scope = row.reaches === 'agent' ? 'chat:write' : 'models:write'
    const outcome = await call(row, keys.get(scope))
    expect(outcome).toMatchObject({ status: 403, code: 'SCOPE_REQUIRED', details: { scope } })
  })

  test.each(table.filter(({ operation, reaches }) => operation.startsWith('openai.') && reaches === 'agent'))(
    'and that of the way it takes: $name',
    async (row) => {
      const outcome = await call(row, keys.get('models:write'))
      expect(outcome).toMatchObject({ status: 403, code: 'SCOPE_REQUIRED', details: { scope: 'models:write' } })
    },
  )
})

describe('whoever talks to an agent is counted in the bucket of chats, once:', () => {
  const count = vi.fn<TestServer['platform']['rateLimits']['count']>()
  beforeAll(() => {
    const { rateLimits } = server.platform
    const really = rateLimits.count.bind(rateLimits)
    rateLimits.count = count.mockImplementation(really)
  })
  beforeEach(() => void count.mockClear())

  test.each(table)('$name', async (row) => {
    await call(row)
    const chats = count.mock.calls.filter(([bucket]) => bucket === 'chat')
    expect(chats.map(([, { callerId }]) => callerId)).toEqual(row.reaches === 'agent' ? [owner.id] : [])
  })

  test('several in one request are counted each', async () => {
    const field = (name: string) =>
      `${name}: routeGatewayRequest(plugin: "agent", agentId: "${owner.agentId}", messages: [{ role: user, content: "x" }]) { message }`
    const { body } = await server.graphql(`mutation { ${field('a')} ${field('b')} ${field('c')} }`, {}, { key: owner.key })
    expect(body.errors).toBeUndefined()
    expect(count.mock.calls.filter(([bucket]) => bucket === 'chat')).toHaveLength(3)
  })
})

describe('a plan whose tokens are used up ends every way:', () => {
  beforeAll(async () => {
    await usedUp(owner.id)
    // What goes out on a key of the account's own needs nothing of the plan.
    await server.trpc({ cookie: owner.cookie }).ai.removeProviderKey.mutate({ provider: 'openai' })
  })

  test.each(table.filter(({ operation }) => operation !== 'jobs.enqueueChat'))('$name', async (row) => {
    await withEnv(server, { SELF_HOSTED_PLAN: 'solo' }, async () => {
      expect(await call(row)).toMatchObject({ status: 429, code: 'QUOTA_EXCEEDED' })
    })
  })
})

describe('a key that has spent what it may ends every way:', () => {
  let key: string
  beforeAll(async () => {
    key = await createKey({ spendLimitCents: 0 })
  })

  test.each(table.filter(({ operation }) => operation !== 'jobs.enqueueChat'))('$name', async (row) => {
    expect(await call(row, key)).toMatchObject({ status: 429, code: 'SPEND_LIMIT_REACHED' })
  })
})

describe('what an agent does later', () => {
  let key: string
  beforeAll(async () => {
    key = await createKey({ scopes: allBut('chat:write') })
  })

  const later: [what: string, method: string, path: string, body: () => object][] = [
    ['a task', 'POST', '/api/scheduled-tasks', () => ({ name: 'T', cronSchedule: '0 0 1 1 *', prompt: 'x', agentId: owner.agentId })],
    ['a changed task', 'PUT', '/api/scheduled-tasks', () => ({ taskId: owner.taskId, prompt: 'x' })],
    ['a cron job', 'POST', '/api/cron', () => ({ name: 'C', schedule: { kind: 'cron', expr: '0 0 1 1 *' }, payload: { text: 'x' } })],
    ['a heartbeat', 'POST', '/api/heartbeat', () => ({ agentId: owner.agentId, frequency: '3h' })],
  ]
  test.each(later)('needs the scope to talk to it: %s', async (_, method, path, body) => {
    const answer = await server.call(method, path, { key, body: body() })
    expect(answer).toMatchObject({ status: 403, body: { code: 'SCOPE_REQUIRED', scope: 'chat:write' } })
  })

  test.each(['/api/user/openclaw', () => `/api/agents/${owner.agentId}/token`, () => `/api/instance/${owner.instanceId}/token`])(
    'and so does the token that opens its gateway: %s',
    async (path) => {
      const url = typeof path === 'string' ? path : path()
      const answer = await server.call('GET', url, { key })
      expect(answer).toMatchObject({ status: 403, body: { code: 'SCOPE_REQUIRED', scope: 'chat:write' } })
    },
  )
})

test('the sixty chats a minute of an account are the same whichever way they take', async () => {
  const limited = await startTestServer({ RATE_LIMIT_SCALE: '0.1', DEFAULT_MODEL: 'local/commands' })
  const { key } = await limited.createAccount()
  const { agent } = (await limited.call('POST', '/api/agents/provision', { key, body: { name: 'Clerk' } })).body
  const each = [
    () => limited.call('POST', '/v1/chat/completions', { key, body: { model: `agent:${agent.id}`, messages } }),
    () => limited.call('POST', '/api/v1/gateway', { key, body: { agentId: agent.id, messages } }),
    () => limited.call('POST', '/api/agent', { key, body: { agentId: agent.id, message: 'calculate 2 + 2' } }),
    () => limited.call('POST', '/api/chat', { key, body: { agentId: agent.id, message: 'calculate 2 + 2' } }),
  ]
  const statuses: number[] = []
  for (const one of [...each, ...each]) statuses.push((await one()).status)
  expect(statuses).toEqual([200, 200, 200, 200, 200, 200, 429, 429])
  await limited.close()
}, 60_000)

/** As after a month of much use. */
async function usedUp(accountId: string): Promise<void> {
  const row = { accountId, month: `${new Date().toISOString().slice(0, 7)}-01`, keyId: '', calls: 1, tokens: 1e12, costNanoUsd: 0 }
  await server.platform.databases.system.insertInto('usageMonths').values(row).execute()
}
