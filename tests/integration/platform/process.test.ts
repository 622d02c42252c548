import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { SERVER, startServerProcess, type ServerProcess } from '../../../scripts/server-process.ts'
import { createGate, startFakeOpenAi } from '../../fakes/openai.ts'
import { createDatabase, dropDatabase } from '../../helpers/test-database.ts'

// Each test starts servers of its own, which takes seconds on a busy machine.
vi.setConfig({ testTimeout: 60_000 })

let dataDir: string
let environment: Record<string, string>
let running: ServerProcess[]
const postgres = process.env.TEST_DATABASE_URL
const database = `agentbot_test_process_${process.pid}`

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'agentbot-test-'))
  running = []
  environment = { DATA_DIR: dataDir, LOG_LEVEL: 'warn', RATE_LIMIT_SCALE: '100' }
  if (postgres)
    environment = {
      ...environment,
      DATABASE_URL: await createDatabase(postgres, database),
      APP_SECRET: 'a secret that only tests use, long enough',
    }
})
afterEach(async () => {
  for (const server of running) await server.stop('SIGKILL')
  await rm(dataDir, { recursive: true, force: true })
  if (postgres) await dropDatabase(postgres, database)
})

async function start(more: Record<string, string> = {}): Promise<ServerProcess> {
  const server = await startServerProcess(SERVER, { ...environment, ...more })
  running.push(server)
  return server
}

async function post(server: ServerProcess, path: string, body: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(server.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
  return { status: response.status, headers: response.headers, body: await response.json() }
}

async function signUp(server: ServerProcess): Promise<Record<string, string>> {
  const credentials = { email: 'ada@example.org', password: 'correct horse' }
  await post(server, '/api/register', credentials)
  const cookie = (await post(server, '/api/auth/login', credentials)).headers.get('set-cookie')!.split(';')[0]!
  const { key } = (await post(server, '/api/keys', { name: 'test' }, { cookie })).body
  return { authorization: `Bearer ${key}` }
}

const get = async (server: ServerProcess, path: string, headers: Record<string, string>) =>
  (await fetch(server.url + path, { headers })).json()

test('kill -9 loses nothing that was acknowledged', async () => {
  const server = await start()
  const key = await signUp(server)
  const { agent } = (await post(server, '/api/agents/provision', { name: 'Survivor' }, key)).body
  const sent: string[] = []
  const keepTalking = (async () => {
    for (let n = 0; ; n++) {
      const { body } = await post(server, '/api/memory', { agentId: agent.id, key: `k${n}`, memory: n }, key)
      if (body.success) sent.push(body.key)
      if (n === 30) server.stop('SIGKILL')
    }
  })()
  await expect(keepTalking).rejects.toThrow(/failed|terminated/)
  await server.stop()

  const again = await start()
  const { memory } = await get(again, `/api/memory?agentId=${agent.id}`, key)
  expect(sent.length).toBeGreaterThanOrEqual(30)
  expect(Object.keys(memory)).toEqual(expect.arrayContaining(sent))
  expect((await post(again, '/api/chat', { message: 'recall k7' }, key)).body.reply).toContain('7')
})

test('a message whose answer died with the server stays, says so, and can be retried', async () => {
  const model = await startFakeOpenAi()
  const gate = createGate()
  const provider = { OPENAI_COMPATIBLE_BASE_URL: model.url, DEFAULT_MODEL: 'compatible/fake-model' }
  const server = await start(provider)
  const key = await signUp(server)
  await post(server, '/api/agents/provision', { name: 'Survivor' }, key)
  model.script({ kind: 'hang', gate })
  const waiting = post(server, '/api/chat', { message: 'Are you there?' }, key)
  await model.request(0)
  await Promise.all([expect(waiting).rejects.toThrow(/failed|terminated/), server.stop('SIGKILL')])

  const again = await start(provider)
  const { messages } = await get(again, '/api/chat', key)
  expect(messages).toMatchObject([{ content: 'Are you there?' }])
  // On Postgres another server might still be at it, until its lease runs out.
  if (!postgres) {
    expect(messages[0].state).toBe('failed')
    expect((await post(again, '/api/chat/retry', { messageId: messages[0].id }, key)).body.reply).toBe('Echo: Are you there?')
  }
  await model.close()
})

test.runIf(!postgres)('a second server on the same data folder refuses to start and says who holds it', async () => {
  const first = await start()
  await expect(start()).rejects.toThrow(new RegExp(`${dataDir} is in use by process ${first.pid} on `))
  expect(await get(first, '/api/version', {})).toEqual({ version: expect.stringMatching(/^v/) })
  await first.stop('SIGKILL')
  await start()
})

test('all problems of the configuration are listed at once, and nothing is started', async () => {
  const refused = start({ PORT: 'abc', RATE_LIMIT_SCALE: '0', APP_URL: 'nonsense', SIGNUPS: 'maybe' })
  await expect(refused).rejects.toThrow(/4 problems[^]*PORT[^]*APP_URL[^]*SIGNUPS[^]*RATE_LIMIT_SCALE/)
  await expect(stat(join(dataDir, 'server.lock'))).rejects.toThrow('ENOENT')
})

test('real payments are refused on the embedded database', async () => {
  const { DATABASE_URL: _, ...embedded } = environment
  await expect(startServerProcess(SERVER, { ...embedded, STRIPE_SECRET_KEY: 'sk_live_123' })).rejects.toThrow(
    /DATABASE_URL: required with a live STRIPE_SECRET_KEY/,
  )
  const nowhere = { BASE_RPC_URL: 'http://127.0.0.1:9' }
  await expect(startServerProcess(SERVER, { ...embedded, ...nowhere })).rejects.toThrow(/DATABASE_URL: required with BASE_RPC_URL/)
  await (await start({ ...nowhere, DATABASE_URL: '', ALLOW_EMBEDDED_WALLETS: 'on' })).stop()
})

test('SIGTERM lets the answer that is being written finish, then ends with 0', async () => {
  const model = await startFakeOpenAi()
  const gate = createGate()
  const server = await start({ OPENAI_COMPATIBLE_BASE_URL: model.url, DEFAULT_MODEL: 'compatible/fake-model' })
  const key = await signUp(server)
  await post(server, '/api/agents/provision', { name: 'Polite' }, key)
  model.script({ kind: 'hang', gate, text: 'Goodbye.' })
  const answer = post(server, '/api/chat', { message: 'Last words?' }, key)
  await model.request(0)
  const stopped = server.stop('SIGTERM')
  await expect
    .poll(() =>
      fetch(`${server.url}/health`).then(
        () => 'open',
        () => 'closed',
      ),
    )
    .toBe('closed')
  gate.open()
  expect((await answer).body.reply).toBe('Goodbye.')
  expect(await stopped).toBe(0)
  await expect(stat(join(dataDir, 'server.lock'))).rejects.toThrow('ENOENT')
  await model.close()
})

test.runIf(!postgres)('the secret is made once, for the owner only', async () => {
  await (await start()).stop()
  const path = join(dataDir, 'app-secret')
  const secret = await readFile(path, 'utf8')
  expect((await stat(path)).mode & 0o777).toBe(0o600)
  await start()
  expect(await readFile(path, 'utf8')).toBe(secret)
})

test('a port in use is said in a sentence', async () => {
  const first = await start()
  const other = await mkdtemp(join(tmpdir(), 'agentbot-test-'))
  await expect(start({ PORT: new URL(first.url).port, DATA_DIR: other })).rejects.toThrow(/EADDRINUSE.*set another PORT/)
  await rm(other, { recursive: true })
})

test.runIf(postgres)('two servers on one database, and on one folder, answer the messages to an agent one after the other', async () => {
  const model = await startFakeOpenAi()
  const gate = createGate()
  const provider = { OPENAI_COMPATIBLE_BASE_URL: model.url, DEFAULT_MODEL: 'compatible/fake-model' }
  const [one, two] = [await start(provider), await start(provider)]
  const key = await signUp(one)
  await post(one, '/api/agents/provision', { name: 'Shared' }, key)
  model.script({ kind: 'hang', gate, text: 'First answer' })
  const first = post(one, '/api/chat', { message: 'First' }, key)
  await model.request(0)
  const second = post(two, '/api/chat', { message: 'Second' }, key)
  await expect.poll(async () => (await get(two, '/api/chat', key)).count).toBe(2)
  expect(model.requests).toHaveLength(1)
  gate.open()
  expect((await first).body.reply).toBe('First answer')
  expect((await second).body.reply).toBe('Echo: Second')
  expect(model.requests[1]!.body!.messages.slice(1).map(({ content }) => content)).toEqual(['First', 'First answer', 'Second'])
  await model.close()
})
