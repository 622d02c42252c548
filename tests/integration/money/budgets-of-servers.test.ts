import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { databasesOn, type Databases } from '../../../db/client.ts'
import { openPostgres } from '../../../db/postgres.ts'
import { SERVER, startServerProcess, type ServerProcess } from '../../../scripts/server-process.ts'
import { createGate, startFakeOpenAi, type FakeOpenAi, type Gate } from '../../fakes/openai.ts'
import { LONG_AGO } from '../../helpers/set-account.ts'
import { createDatabase, dropDatabase, templateName } from '../../helpers/test-database.ts'

// Three servers are started, which takes seconds on a busy machine.
vi.setConfig({ testTimeout: 60_000 })

// The embedded database has one server.
const postgres = process.env.TEST_DATABASE_URL
const database = `agentbot_test_budgets_${process.pid}`

const MODEL = 'compatible/fake-model'
/** A token costs a thousandth of a cent. */
const LIMIT_CENTS = 20
const LIMIT_TOKENS = 20_000
const MAX_TOKENS = 1000
/** What an answer takes, of what was set aside for it. There is room for all calls of one server, and not for those of both. */
const usage = { prompt_tokens: 20, completion_tokens: 600, total_tokens: 620 }
const AT_ONCE = 24

let provider: FakeOpenAi
let databases: Databases
let environment: Record<string, string>
let folders: string[]
let servers: [ServerProcess, ServerProcess]
const running: ServerProcess[] = []
beforeAll(async () => {
  if (!postgres) return
  provider = await startFakeOpenAi()
  environment = {
    LOG_LEVEL: 'warn',
    RATE_LIMIT_SCALE: '100',
    DATABASE_URL: await createDatabase(postgres, database, templateName),
    APP_SECRET: 'a secret that only tests use, long enough',
    OPENAI_COMPATIBLE_BASE_URL: provider.url,
    MODEL_PRICES: `${MODEL}=10/10`,
  }
  databases = databasesOn(openPostgres(environment.DATABASE_URL!))
  folders = await Promise.all([0, 1].map(() => mkdtemp(join(tmpdir(), 'agentbot-test-'))))
  servers = await Promise.all([start(folders[0]!), start(folders[1]!)])
})
afterAll(async () => {
  if (!postgres) return
  for (const server of running) await server.stop('SIGKILL')
  for (const folder of folders) await rm(folder, { recursive: true, force: true })
  await databases.close()
  await provider.close()
  await dropDatabase(postgres, database)
})

async function start(folder: string): Promise<ServerProcess> {
  const server = await startServerProcess(SERVER, { ...environment, DATA_DIR: folder })
  running.push(server)
  return server
}

async function call(server: ServerProcess, method: string, path: string, headers: Record<string, string>, body?: unknown) {
  const response = await fetch(server.url + path, {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  return { status: response.status, headers: response.headers, body: await response.json() }
}

/** A key that may spend only so much. */
async function limitedKey(server: ServerProcess, email: string, spendLimitCents: number): Promise<Record<string, string>> {
  const credentials = { email, password: 'correct horse' }
  await call(server, 'POST', '/api/register', {}, credentials)
  const cookie = (await call(server, 'POST', '/api/auth/login', {}, credentials)).headers.get('set-cookie')!.split(';')[0]!
  const { key } = (await call(server, 'POST', '/api/keys', { cookie }, { name: 'limited', spendLimitCents })).body
  return { authorization: `Bearer ${key}` }
}

/** Many calls to both servers at once. @returns what each came to: a status, or 0 for one whose server was killed. */
function callBoth(servers: [ServerProcess, ServerProcess], key: Record<string, string>, gate?: Gate): Promise<number>[] {
  provider.unscript()
  provider.script(
    ...Array.from({ length: AT_ONCE }, () => ({
      kind: 'text' as const,
      text: 'Bowline.',
      usage,
      keepsLimit: true,
      ...(gate ? { gate } : {}),
    })),
  )
  const body = { model: MODEL, max_tokens: MAX_TOKENS, messages: [{ role: 'user', content: 'Name a knot' }] }
  return Array.from({ length: AT_ONCE }, (_, index) =>
    call(servers[index % 2]!, 'POST', '/v1/chat/completions', key, body).then(
      ({ status }) => status,
      () => 0,
    ),
  )
}

/** All the provider was asked, and charges, whether somebody is there to hear the answer or not. */
const charged = () => provider.requests.filter(({ method }) => method === 'POST')
const chargedTokens = () =>
  charged().reduce((sum, { body }) => sum + usage.prompt_tokens + Math.min(usage.completion_tokens, Number(body!.max_tokens)), 0)

describe.runIf(postgres)('two servers of one database', () => {
  test('give each other what they hold of a limit and do not need', async () => {
    const [one, other] = servers
    const key = await limitedKey(one, 'grace@example.org', 17)
    const talkative = { prompt_tokens: 20, completion_tokens: 20_000, total_tokens: 20_020 }
    const ask = (server: ServerProcess, max_tokens: number) =>
      call(server, 'POST', '/v1/chat/completions', key, { model: MODEL, max_tokens, messages: [{ role: 'user', content: 'Name a knot' }] })
    provider.script(
      { kind: 'text', text: 'Bowline.', usage, keepsLimit: true },
      { kind: 'text', text: 'Bowline.', usage: talkative, keepsLimit: true },
    )
    expect((await ask(one, MAX_TOKENS)).status).toBe(200)
    expect((await ask(other, 16_300)).status).toBe(200)
    // What is left now is held by the first.
    expect(provider.requests.at(-1)!.body!.max_tokens).toBeLessThan(16_300)
    provider.script({ kind: 'text', text: 'Bowline.', usage, keepsLimit: true })
    expect(await ask(other, 100)).toMatchObject({ status: 200 })
    provider.requests.length = 0
  })

  test('one of which is killed while both call models spend no more together than a key may, and what is charged is counted', async () => {
    const [killed, other] = servers
    const key = await limitedKey(other, 'ada@example.org', LIMIT_CENTS)
    const gate = createGate()
    let ended = 0
    const first = callBoth([killed, other], key, gate).map((answer) => answer.finally(() => ended++))
    // All of them are at the provider, or were refused.
    await expect.poll(() => charged().length + ended, { interval: 20, timeout: 10_000 }).toBe(AT_ONCE)
    const begun = charged().length
    expect(begun).toBeGreaterThan(5)
    expect(begun).toBeLessThan(AT_ONCE)
    await killed.stop('SIGKILL')
    for (let opened = 0; opened < begun; opened++) gate.open()
    const statuses = await Promise.all(first)
    expect(statuses.filter((status) => status === 200).length).toBeGreaterThan(0)
    expect(statuses.filter((status) => status === 0).length).toBeGreaterThan(0)
    expect(new Set(statuses)).toEqual(new Set([0, 200, 429]))

    // Its lease is over: whoever comes next may store what it left behind.
    const [journal] = await readdir(join(folders[0]!, 'metering'))
    const { system } = databases
    await system.updateTable('servers').set({ leaseExpiresAt: LONG_AGO }).where('id', '=', journal!.replace('.jsonl', '')).execute()
    const again = await start(folders[0]!)
    const used = async () => (await call(other, 'GET', '/api/usage/daily', key)).body[0]
    await expect.poll(async () => (await used()).turns, { interval: 50, timeout: 10_000 }).toBe(begun)
    expect((await used()).estimated_calls).toBe(statuses.filter((status) => status === 0).length)

    const second = await Promise.all(callBoth([again, other], key))
    expect(second.filter((status) => status === 200).length).toBeGreaterThan(0)
    expect(new Set(second)).toEqual(new Set([200, 429]))
    expect(chargedTokens()).toBeLessThanOrEqual(LIMIT_TOKENS)
    await expect.poll(async () => (await used()).turns, { interval: 50, timeout: 10_000 }).toBe(charged().length)
  })
})
