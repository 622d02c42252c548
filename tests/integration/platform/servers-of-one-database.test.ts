import { sql } from 'kysely'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Platform } from '../../../server/platform/core/context.ts'
import { SERVER, startServerProcess, type ServerProcess } from '../../../scripts/server-process.ts'
import { databasesOn } from '../../../db/client.ts'
import { openPostgres } from '../../../db/postgres.ts'
import { wallet } from '../../contract/wallet.ts'
import { createGate, startFakeOpenAi, type FakeOpenAi } from '../../fakes/openai.ts'
import { payIn } from '../../helpers/ledger.ts'
import { LONG_AGO } from '../../helpers/set-account.ts'
import { createDatabase, dropDatabase } from '../../helpers/test-database.ts'

// Each test starts servers of its own, which takes seconds on a busy machine.
vi.setConfig({ testTimeout: 60_000 })

/** Longest that work of a server that was killed may keep others waiting, with its lease of four seconds. */
const MAX_TAKEOVER_MS = 5000
/** Longest that forty answers may take in turns: who is not told of its turn finds out after 200 ms on average. */
const MAX_TURNS_MS = 4000

// The embedded database has one server.
const postgres = process.env.TEST_DATABASE_URL
const database = `agentbot_test_servers_${process.pid}`

let model: FakeOpenAi
let running: ServerProcess[]
let folders: string[]
let environment: Record<string, string>
let key: Record<string, string>
let agentId: string

beforeEach(async () => {
  if (!postgres) return
  model = await startFakeOpenAi()
  running = []
  folders = []
  environment = {
    LOG_LEVEL: 'warn',
    RATE_LIMIT_SCALE: '100',
    DATABASE_URL: await createDatabase(postgres, database),
    APP_SECRET: 'a secret that only tests use, long enough',
    OPENAI_COMPATIBLE_BASE_URL: model.url,
    DEFAULT_MODEL: 'compatible/fake-model',
  }
})
afterEach(async () => {
  if (!postgres) return
  for (const server of running) await server.stop('SIGKILL')
  for (const folder of folders) await rm(folder, { recursive: true, force: true })
  await model.close()
  await dropDatabase(postgres, database)
})

async function start(): Promise<ServerProcess> {
  const folder = await mkdtemp(join(tmpdir(), 'agentbot-test-'))
  folders.push(folder)
  const server = await startServerProcess(SERVER, { ...environment, DATA_DIR: folder })
  running.push(server)
  return server
}

async function call(server: ServerProcess, method: string, path: string, body?: unknown, headers = key) {
  const response = await fetch(server.url + path, {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  return { status: response.status, headers: response.headers, body: await response.json() }
}

/** Two servers, and an agent on them. */
async function startTwo(): Promise<[ServerProcess, ServerProcess]> {
  const servers: [ServerProcess, ServerProcess] = [await start(), await start()]
  const credentials = { email: 'ada@example.org', password: 'correct horse' }
  await call(servers[0], 'POST', '/api/register', credentials, {})
  const cookie = (await call(servers[0], 'POST', '/api/auth/login', credentials, {})).headers.get('set-cookie')!.split(';')[0]!
  key = { authorization: `Bearer ${(await call(servers[0], 'POST', '/api/keys', { name: 'test' }, { cookie })).body.key}` }
  agentId = (await call(servers[0], 'POST', '/api/agents/provision', { name: 'Shared' })).body.agent.id
  return servers
}

const say = (server: ServerProcess, message: string) => call(server, 'POST', '/api/chat', { message, agentId })
const history = async (server: ServerProcess) => (await call(server, 'GET', `/api/chat?agentId=${agentId}`)).body

describe.runIf(postgres)('two servers of one database', () => {
  test('messages to two servers are answered in turn, without waiting between them', async () => {
    const servers = await startTwo()
    const answers = await Promise.all(Array.from({ length: 40 }, (_, index) => say(servers[index % 2]!, `message ${index}`)))
    expect(answers.filter(({ status }) => status !== 200).map(({ body }) => body)).toEqual([])
    const lengths = model.requests.map(({ body }) => body!.messages.length)
    expect(lengths).toEqual(lengths.toSorted((a, b) => a - b))
  })

  test('each of two servers is told when it is its turn', async () => {
    const servers = await startTwo()
    const gate = createGate()
    model.script({ kind: 'hang', gate })
    const calls: ReturnType<typeof say>[] = []
    for (let index = 0; index < 40; index++) {
      calls.push(say(servers[index % 2]!, `message ${index}`))
      await expect.poll(async () => (await history(servers[0])).count, { interval: 10 }).toBe(index + 1)
    }
    const began = performance.now()
    gate.open()
    const answers = await Promise.all(calls)
    expect(performance.now() - began).toBeLessThan(MAX_TURNS_MS)
    expect(answers.filter(({ status }) => status !== 200).map(({ body }) => body)).toEqual([])
  })

  test('a message waits less than five seconds for a server that was killed, and its message can be retried', async () => {
    const [killed, other] = await startTwo()
    model.script({ kind: 'hang', gate: createGate() })
    const lost = say(killed, 'First').catch((error: Error) => error.message)
    await model.request(0)
    const second = say(other, 'Second')
    await expect.poll(async () => (await history(other)).count).toBe(2)
    await killed.stop('SIGKILL')
    const killedAt = performance.now()
    expect(await lost).toMatch(/failed|terminated/)
    expect((await second).body.reply).toBe('Echo: First\n\nSecond')
    expect(performance.now() - killedAt).toBeLessThan(MAX_TAKEOVER_MS)
    const first = (await history(other)).messages.find(({ content }: { content: string }) => content === 'First')
    expect(first.state).toBe('failed')
    expect((await call(other, 'POST', '/api/chat/retry', { messageId: first.id })).body.reply).toBe('Echo: First')
  })

  test('a message whose server was killed is sent again to another one with its Idempotency-Key, answered, and stored once', async () => {
    const [killed, other] = await startTwo()
    model.script({ kind: 'hang', gate: createGate() })
    const send = (server: ServerProcess) =>
      call(server, 'POST', '/api/chat', { message: 'First', agentId }, { ...key, 'idempotency-key': 'first' })
    const lost = send(killed).catch((error: Error) => error.message)
    await model.request(0)
    expect(await send(other)).toMatchObject({ status: 409, body: { code: 'IDEMPOTENT_CALL_RUNNING' } })
    await killed.stop('SIGKILL')
    await lost
    await expect.poll(async () => (await send(other)).status, { timeout: 2 * MAX_TAKEOVER_MS }).toBe(200)
    expect(await send(other)).toMatchObject({ status: 200, body: { reply: 'Echo: First' } })
    expect((await history(other)).count).toBe(2)
  })

  test('a server that stood still does not answer what another one has taken', async () => {
    const [paused, other] = await startTwo()
    const gate = createGate()
    model.script({ kind: 'hang', gate, text: 'Too late' })
    const late = say(paused, 'First')
    await model.request(0)
    process.kill(paused.pid, 'SIGSTOP')
    const [first] = (await history(other)).messages
    const retry = () => call(other, 'POST', '/api/chat/retry', { messageId: first.id })
    await expect.poll(retry, { timeout: 10_000 }).toMatchObject({ status: 200, body: { reply: 'Echo: First' } })
    process.kill(paused.pid, 'SIGCONT')
    gate.open()
    expect(await late).toMatchObject({ status: 502, body: { code: 'TURN_ABORTED' } })
    expect((await history(other)).messages.map(({ content }: { content: string }) => content)).toEqual(['Echo: First', 'First'])
    expect((await say(paused, 'Second')).body.reply).toBe('Echo: Second')
  })

  test('an agent that is deleted on one server is gone for those who wait on the other', async () => {
    const [one, other] = await startTwo()
    model.script({ kind: 'hang', gate: createGate() })
    const speaking = say(one, 'First')
    await model.request(0)
    const waiting = [say(one, 'Second'), say(other, 'Third')]
    await expect.poll(async () => (await history(other)).count).toBe(3)
    expect((await call(other, 'DELETE', `/api/agents/${agentId}`)).status).toBe(200)
    for (const answer of await Promise.all([speaking, ...waiting]))
      expect(answer).toMatchObject({ status: 404, body: { code: 'AGENT_NOT_FOUND' } })
  })

  test('what a killed server had set aside of credits and sessions is free within a minute', async () => {
    environment.STRIPE_SECRET_KEY = 'sk_test_x'
    environment.MODEL_PRICES = 'compatible/fake-model=5/25'
    const databases = databasesOn(openPostgres(environment.DATABASE_URL!))
    const { system } = databases
    const [killed, other] = await startTwo()
    const { id } = await system.selectFrom('accounts').select('id').executeTakeFirstOrThrow()
    await payIn({ databases } as Platform, id, 2_000_000)
    const deposit = { address: wallet.address, deposit: '1.00' }
    const { session } = (await call(other, 'POST', '/api/wallet/sessions', deposit)).body
    await system.updateTable('accounts').set({ trialEndsAt: LONG_AGO }).execute()
    await expect.poll(async () => (await call(killed, 'GET', '/api/trial')).body.daysLeft).toBe(0)
    const left = async () => [
      (await call(other, 'GET', '/api/settings')).body.credits,
      (await call(other, 'GET', `/api/wallet/sessions?sessionId=${session.id}`)).body.session.remaining,
    ]
    const ask = (headers: Record<string, string> = {}) =>
      call(
        killed,
        'POST',
        '/api/v1/gateway',
        { plugin: 'generate-text', messages: [{ role: 'user', content: 'Go' }] },
        { ...key, ...headers },
      )
    model.script({ kind: 'hang', gate: createGate() }, { kind: 'hang', gate: createGate() })
    const lost = [ask(), ask({ 'x-session-id': session.id, 'x-wallet-address': wallet.address })].map((asked) =>
      asked.catch(() => undefined),
    )
    await model.request(1)
    expect(await left()).toEqual([0.99, '0.99'])
    await killed.stop('SIGKILL')
    await Promise.all(lost)
    expect(await left()).toEqual([0.99, '0.99'])
    // Half a minute goes by for the database.
    await sql`
      update servers set alive_since = alive_since - interval '31 s', lease_expires_at = lease_expires_at
        - case when id in (select server_id from ledger_holds) then interval '31 s' else interval '0 s' end`.execute(system)
    await expect.poll(left, { interval: 500, timeout: 29_000 }).toEqual([1, '1.00'])
    await databases.close()
  })
})
