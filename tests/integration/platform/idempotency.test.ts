import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { operations } from '../../../server/operations.ts'
import { callGraphql } from '../../contract/graphql-transport.ts'
import { callTrpc } from '../../contract/trpc-transport.ts'
import { withEnv } from '../../contract/with-env.ts'
import { LONG_AGO } from '../../helpers/set-account.ts'
import { startTestServer, type TestAccount, type TestServer } from '../../helpers/test-server.ts'

let server: TestServer
let account: TestAccount
beforeAll(async () => {
  server = await startTestServer()
  account = await server.createAccount()
})
afterAll(() => server.close())

const post = (path: string, body: unknown, idempotencyKey: string, { key, cookie }: TestAccount = account) =>
  server.call('POST', path, {
    ...(path.startsWith('/api/keys') ? { cookie } : { key }),
    body,
    headers: { 'idempotency-key': idempotencyKey },
  })

const agentsOf = async (of: TestAccount): Promise<number> => (await server.call('GET', '/api/agents', of)).body.count

describe('the same key and the same body', () => {
  test('get the answer of the first call, and nothing is done again', async () => {
    const owner = await server.createAccount()
    const first = await post('/api/agents/provision', { name: 'Night Clerk' }, 'one', owner)
    const second = await post('/api/agents/provision', { name: 'Night Clerk' }, 'one', owner)
    expect(first.status).toBe(201)
    expect(second).toMatchObject({ status: 201, body: first.body })
    expect(first.headers.has('idempotent-replayed')).toBe(false)
    expect(second.headers.get('idempotent-replayed')).toBe('true')
    expect(await agentsOf(owner)).toBe(1)
  })

  test('do not get a secret again, which is not kept; they are told that it was shown, and of what', async () => {
    const create = () => post('/api/keys', { name: 'Ferry bot' }, 'secret')
    const [first, second] = [await create(), await create()]
    expect(first.status).toBe(201)
    expect(second).toMatchObject({ status: 409, body: { code: 'SECRET_SHOWN_BEFORE', id: first.body.id } })
    expect(JSON.stringify(second)).not.toContain(first.body.key.slice(3))
    const { system } = server.platform.databases
    const [row] = await system.selectFrom('idempotencyKeys').selectAll().where('key', '=', 'secret').execute()
    expect(row).toMatchObject({ sealedOutput: '', things: [first.body.id] })
  })

  test.each([
    ['an API key', '/api/keys', { name: 'Short-lived' }, (body: Record<string, unknown>) => `/api/keys/${body.id as string}`],
    ['an agent', '/api/agents', { name: 'Short-lived' }, (body: Record<string, unknown>) => `/api/agents/${body.id as string}`],
  ])('are a new call when %s that was made is gone', async (_what, path, body, placeOf) => {
    const owner = await server.createAccount()
    const first = await post(path, body, 'gone', owner)
    const { cookie } = owner
    expect((await server.call('DELETE', placeOf(first.body), { cookie })).status).toBe(200)
    const again = await post(path, body, 'gone', owner)
    expect(again.status).toBe(201)
    expect(again.body.id).not.toBe(first.body.id)
  })

  test('send a message once', async () => {
    const { agent } = (await post('/api/agents/provision', { name: 'Night Clerk' }, randomUUID())).body
    const send = () => post('/api/chat', { message: 'calculate 6 * 7', agentId: agent.id }, 'message')
    const [first, second] = [await send(), await send()]
    expect(second.body).toEqual(first.body)
    expect((await server.call('GET', `/api/chat?agentId=${agent.id}`, account)).body.count).toBe(2)
  })

  test('are told so when the answer is one of an earlier version, which lacks what every answer has now', async () => {
    const { agent } = (await post('/api/agents/provision', { name: 'Night Clerk' }, randomUUID())).body
    const { reply } = await post('/api/chat', { message: 'help', agentId: agent.id }, 'upgraded').then(({ body }) => body)
    const { databases, secrets } = server.platform
    const stored = databases.system.updateTable('idempotencyKeys').where('key', '=', 'upgraded')
    const sealedOutput = secrets.seal(JSON.stringify({ reply }), `idempotency ${account.id}`)
    await stored.set({ sealedOutput }).execute()
    const input = { message: 'help', agentId: agent.id }
    const caller = { key: account.key, headers: { 'idempotency-key': 'upgraded' } }
    const refusal = { status: 409, code: 'ANSWER_OF_EARLIER_VERSION' }
    const { status, body, headers } = await post('/api/chat', input, 'upgraded')
    expect({ status, code: body.code }).toEqual(refusal)
    expect(headers.has('idempotent-replayed')).toBe(false)
    expect(await callTrpc(server, operations.chat.send, input, caller)).toMatchObject(refusal)
    expect(await callGraphql(server, operations.chat.send, input, caller)).toMatchObject(refusal)
    expect((await server.call('GET', `/api/chat?agentId=${agent.id}`, account)).body.count).toBe(2)
  })

  test.each([
    ['/api/memory', (agentId: string) => ({ agentId, key: 'tone', memory: 'brief' })],
    ['/api/agent', (agentId: string) => ({ action: 'create-session', agentId })],
    ['/api/agent', (agentId: string) => ({ action: 'chat', message: 'help', agentId })],
    ['/api/agents', () => ({ name: 'Harbour Desk' })],
  ])('are answered alike by whatever creates something: %s', async (path, bodyFor) => {
    const { agent } = (await post('/api/agents/provision', { name: 'Night Clerk' }, randomUUID())).body
    const body = bodyFor(agent.id)
    const key = randomUUID()
    const [first, second] = [await post(path, body, key), await post(path, body, key)]
    expect(second.status).toBe(first.status)
    expect({ ...second.body, timestamp: 0 }).toEqual({ ...first.body, timestamp: 0 })
    expect(second.headers.get('idempotent-replayed')).toBe('true')
  })

  test('are the same through every transport', async () => {
    const owner = await server.createAccount()
    const caller = { key: owner.key, headers: { 'idempotency-key': 'transports' } }
    const { body } = await post('/api/agents', { name: 'Night Clerk' }, 'transports', owner)
    for (const outcome of [
      await callTrpc(server, operations.agents.create, { name: 'Night Clerk' }, caller),
      await callGraphql(server, operations.agents.create, { name: 'Night Clerk' }, caller),
    ]) {
      expect(outcome).toMatchObject({ status: 200, text: expect.stringContaining(body.id) })
      expect(outcome.headers.get('idempotent-replayed')).toBe('true')
    }
    expect(await agentsOf(owner)).toBe(1)
  })

  test('create one agent when they come at the same moment', async () => {
    const owner = await server.createAccount()
    const answers = await Promise.all([1, 2, 3, 4, 5].map(() => post('/api/agents', { name: 'Night Clerk' }, 'race', owner)))
    const created = answers.filter(({ status }) => status === 201)
    expect(new Set(created.map(({ body }) => body.id)).size).toBe(1)
    for (const { body } of answers.filter(({ status }) => status !== 201))
      expect(body).toMatchObject({ code: 'IDEMPOTENT_CALL_RUNNING', retryAfterSeconds: 1 })
    expect(await agentsOf(owner)).toBe(1)
    expect((await post('/api/agents', { name: 'Night Clerk' }, 'race', owner)).body).toEqual(created[0]!.body)
  })

  test('wait for the first call where that is short', async () => {
    const { agent } = (await post('/api/agents/provision', { name: 'Night Clerk' }, randomUUID())).body
    const task = { agentId: agent.id, name: 'Race', cronSchedule: '0 8 * * *', prompt: 'Report' }
    const answers = await Promise.all([1, 2, 3, 4].map(() => post('/api/scheduled-tasks', task, 'task race')))
    expect(new Set(answers.map(({ status }) => status)).size).toBe(1)
    expect(answers[0]!.status).toBeLessThan(300)
    expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).toBe(1)
  })

  test('make one key when twenty come at once, and show it once', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => post('/api/keys', { name: 'Race' }, 'key race')))
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1)
    expect(answers.filter(({ body }) => body.code === 'SECRET_SHOWN_BEFORE')).toHaveLength(19)
  })

  test('are done again after 24 hours', async () => {
    const owner = await server.createAccount()
    await post('/api/agents', { name: 'Night Clerk' }, 'old', owner)
    const { system } = server.platform.databases
    await system
      .updateTable('idempotencyKeys')
      .set({ createdAt: sql<string>`now() - interval '25 hours'` })
      .where('accountId', '=', owner.id)
      .execute()
    const again = await post('/api/agents', { name: 'Night Clerk' }, 'old', owner)
    expect(again.headers.has('idempotent-replayed')).toBe(false)
    expect(await agentsOf(owner)).toBe(2)
  })
})

describe('the same key', () => {
  test('with another body, or for another call, is refused', async () => {
    const owner = await server.createAccount()
    await post('/api/agents', { name: 'Night Clerk' }, 'reused', owner)
    for (const answer of [
      await post('/api/agents', { name: 'Day Clerk' }, 'reused', owner),
      await post('/api/agents/provision', { name: 'Night Clerk' }, 'reused', owner),
      await post('/api/keys', { name: 'Night Clerk' }, 'reused', owner),
    ]) {
      expect(answer).toMatchObject({ status: 409, body: { code: 'IDEMPOTENCY_KEY_REUSED' } })
    }
    expect(await agentsOf(owner)).toBe(1)
  })

  test('of another account is another key', async () => {
    const [one, two] = [await server.createAccount(), await server.createAccount()]
    const [first, second] = [
      await post('/api/agents', { name: 'Same' }, 'shared', one),
      await post('/api/agents', { name: 'Same' }, 'shared', two),
    ]
    expect([first.status, second.status]).toEqual([201, 201])
    expect(second.body.id).not.toBe(first.body.id)
    expect([await agentsOf(one), await agentsOf(two)]).toEqual([1, 1])
  })

  test('can be used again after a call that failed', async () => {
    const owner = await server.createAccount()
    const provision = () => post('/api/agents/provision', { name: 'Night Clerk', model: 'openai/gpt-4o' }, 'failed', owner)
    expect((await provision()).status).toBe(400)
    await withEnv(server, { OPENAI_API_KEY: 'x' }, async () => {
      const done = await provision()
      expect(done.status).toBe(201)
      expect((await provision()).body).toEqual(done.body)
    })
    expect(await agentsOf(owner)).toBe(1)
  })

  test('can be used again when a call inside a transaction failed', async () => {
    const owner = await server.createAccount()
    for (let count = 2; count <= 10; count++) await post('/api/keys', { name: `Key ${count}` }, `key ${count}`, owner)
    const last = () => post('/api/keys', { name: 'Last' }, 'last', owner)
    expect((await last()).status).toBe(429)
    const { cookie } = owner
    const [{ id }] = (await server.call('GET', '/api/keys', { cookie })).body.keys
    await server.call('DELETE', `/api/keys/${id}`, { cookie })
    expect((await last()).status).toBe(201)
  })

  test('waits for a call that still runs, until its server is dead', async () => {
    const owner = await server.createAccount()
    await post('/api/agents', { name: 'Night Clerk' }, 'stuck', owner)
    const { system } = server.platform.databases
    const setServer = (serverId: string) =>
      system.updateTable('idempotencyKeys').set({ sealedOutput: null, things: [], serverId }).where('accountId', '=', owner.id).execute()
    await system.insertInto('servers').values({ id: 'srv_other', leaseExpiresAt: '2999-01-01T00:00:00Z', aliveSince: LONG_AGO }).execute()
    await system.updateTable('servers').set({ aliveSince: LONG_AGO }).execute()
    await setServer('srv_other')
    const waiting = await post('/api/agents', { name: 'Night Clerk' }, 'stuck', owner)
    expect(waiting).toMatchObject({ status: 409, body: { code: 'IDEMPOTENT_CALL_RUNNING' } })
    expect(waiting.headers.get('retry-after')).toBe('1')
    await setServer('srv_dead')
    expect((await post('/api/agents', { name: 'Night Clerk' }, 'stuck', owner)).status).toBe(201)
  })

  test('has at most 255 characters', async () => {
    expect((await post('/api/agents', { name: 'Night Clerk' }, 'k'.repeat(255))).status).toBe(201)
    const tooLong = await post('/api/agents', { name: 'Night Clerk' }, 'k'.repeat(256))
    expect(tooLong).toMatchObject({ status: 400, body: { error: expect.stringContaining('Idempotency-Key') } })
  })

  test('means nothing to calls that only read or set something', async () => {
    const headers = { 'idempotency-key': 'reads' }
    const rename = (name: string) => server.call('PATCH', '/api/settings', { key: account.key, body: { name }, headers })
    expect((await rename('One')).body.name).toBe('One')
    expect((await rename('Two')).body.name).toBe('Two')
    expect((await server.call('GET', '/api/settings', { key: account.key, headers })).body.name).toBe('Two')
  })
})

test('whatever is called in whatever order, a key does one thing once', async () => {
  const names = ['A', 'B']
  const calls = fc.array(fc.record({ key: fc.constantFrom('k1', 'k2', 'k3'), name: fc.constantFrom(...names) }), {
    minLength: 1,
    maxLength: 8,
  })
  await fc.assert(
    fc.asyncProperty(calls, async (sequence) => {
      const run = randomUUID()
      const done = new Map<string, { name: string; id: string }>()
      for (const { key, name } of sequence) {
        const answer = await post('/api/agents', { name }, `${run} ${key}`)
        const before = done.get(key)
        if (!before) done.set(key, { name, id: answer.body.id })
        expect(answer.status).toBe(before && before.name !== name ? 409 : 201)
        if (answer.status === 201) expect(answer.body).toMatchObject({ name, id: done.get(key)!.id })
      }
      expect(new Set([...done.values()].map(({ id }) => id)).size).toBe(done.size)
    }),
    { numRuns: 8 },
  )
})
