import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { flushUsage } from '../../../server/models/metering/metering.service.ts'
import { budgetGateOf } from '../../../server/money/budgets/index.ts'
import { createGate, startFakeOpenAi, type FakeOpenAi } from '../../fakes/openai.ts'
import { noting } from '../../helpers/count-statements.ts'
import { waitForMails } from '../../helpers/outbox.ts'
import { seedAgent } from '../../helpers/seed.ts'
import { startTestServer, type TestAccount, type TestServer } from '../../helpers/test-server.ts'

// A token costs a thousandth of a cent.
const MODEL = 'compatible/priced'
const NANO_USD_PER_TOKEN = 10_000

let provider: FakeOpenAi
const statements: string[] = []
let server: TestServer
let account: TestAccount
beforeAll(async () => {
  provider = await startFakeOpenAi()
  server = await startTestServer(
    { OPENAI_COMPATIBLE_BASE_URL: provider.url, MODEL_PRICES: `${MODEL}=10/10`, DEFAULT_MODEL: MODEL },
    undefined,
    { engine: (engine) => noting(engine, statements) },
  )
})
beforeEach(async () => {
  account = await server.createAccount()
  provider.requests.length = 0
  provider.unscript()
})
afterAll(async () => {
  await server.close()
  await provider.close()
})

const messages = [{ role: 'user', content: 'Hello' }]
const complete = (key: string, body: object = {}) =>
  server.call('POST', '/v1/chat/completions', { key, body: { model: MODEL, messages, ...body } })
const limitedKey = async (spendLimitCents: number): Promise<{ id: string; key: string }> =>
  (await server.call('POST', '/api/keys', { cookie: account.cookie, body: { name: 'limited', spendLimitCents } })).body
const setBudget = (body: object) => server.call('PUT', '/api/budgets', { cookie: account.cookie, body })
const listBudgets = async () => (await server.call('GET', '/api/budgets', { key: account.key })).body.budgets
const usageOf = (completion_tokens: number) => ({ prompt_tokens: 0, completion_tokens, total_tokens: completion_tokens })
const says = (tokens: number) => ({ kind: 'text' as const, text: 'Dear.', usage: usageOf(tokens), keepsLimit: true })

async function calls() {
  await flushUsage(server.platform)
  const { system } = server.platform.databases
  return system.selectFrom('usageEvents').where('accountId', '=', account.id).orderBy('id').selectAll().execute()
}
const spentNanoUsd = async () => (await calls()).reduce((sum, { costNanoUsd }) => sum + (costNanoUsd ?? 0), 0)

test('a call waits for nothing of its budgets that is known already, and knows of a change at once', async () => {
  await setBudget({ kind: 'workspace', unit: 'tokens', period: 'day', limit: 1_000_000 })
  for (let call = 0; call < 2; call++) expect((await complete(account.key)).status).toBe(200)
  statements.length = 0
  expect((await complete(account.key)).status).toBe(200)
  expect(statements.filter((sql) => /from "budgets"|exchange_budgets/.test(sql))).toEqual([])
  expect((await setBudget({ kind: 'workspace', unit: 'tokens', period: 'day', limit: 1 })).status).toBe(200)
  expect((await complete(account.key)).status).toBe(429)
})

describe('many calls at once', () => {
  test('on a key that may spend 20 cents spend no more', async () => {
    const { key } = await limitedKey(20)
    provider.script(...Array.from({ length: 60 }, () => says(1800)))
    const answers = await Promise.all(Array.from({ length: 60 }, () => complete(key, { max_tokens: 1800 })))
    const served = answers.filter(({ status }) => status === 200)
    for (const { status, body } of answers)
      if (status !== 200)
        expect({ status, body }).toMatchObject({
          status: 429,
          body: { error: { code: 'SPEND_LIMIT_REACHED', type: 'insufficient_quota' } },
        })
    expect(await spentNanoUsd()).toBeLessThanOrEqual(200_000_000)
    expect(served.length).toBeGreaterThanOrEqual(10)
  })

  test('get exactly as many begun as a budget in tokens has room for', async () => {
    expect((await setBudget({ kind: 'workspace', unit: 'tokens', period: 'day', limit: 5 * 150 })).status).toBe(200)
    const bodies = Array.from({ length: 20 }, () => complete(account.key, { max_tokens: 120 }))
    const answers = await Promise.all(bodies)
    const refused = answers.filter(({ status }) => status !== 200)
    for (const answer of refused)
      expect(answer).toMatchObject({
        status: 429,
        body: { error: { code: 'BUDGET_REACHED', kind: 'workspace', unit: 'tokens', period: 'day' } },
      })
    const taken = (await calls()).reduce((sum, { inputTokens, outputTokens }) => sum + (inputTokens ?? 0) + (outputTokens ?? 0), 0)
    expect(taken).toBeLessThanOrEqual(750)
    expect(answers.length - refused.length).toBeGreaterThanOrEqual(5)
  })
})

describe('a call that a budget does not cover in full', () => {
  test('has its answer limited to what is left', async () => {
    const { key } = await limitedKey(1)
    expect((await complete(key, { max_tokens: 50_000 })).status).toBe(200)
    const { max_tokens } = provider.requests.at(-1)!.body as { max_tokens?: number }
    expect(max_tokens).toBeGreaterThan(900)
    expect(max_tokens).toBeLessThan(1000)
  })

  test('is refused where less is left than an answer needs, in a way that ends the caller’s tries', async () => {
    const { key } = await limitedKey(1)
    provider.script(says(950))
    expect((await complete(key)).status).toBe(200)
    const refused = await complete(key)
    expect(refused).toMatchObject({ status: 429, body: { error: { code: 'SPEND_LIMIT_REACHED', limitCents: 1, spentCents: 0.95 } } })
    expect(refused.headers.get('x-should-retry')).toBe('false')
    expect(Number(refused.headers.get('retry-after') ?? 0)).toBeLessThanOrEqual(60)
    expect(Date.parse(refused.body.error.resetsAt)).toBeGreaterThan(Date.now())
    expect(provider.requests).toHaveLength(1)
  })

  test('streamed by a provider that ignores its limit ends as if that were reached, and is billed for what came', async () => {
    const { key } = await limitedKey(1)
    const gate = createGate()
    provider.script({ kind: 'slow', chunks: Array.from({ length: 60 }, () => 'word '.repeat(40)), gate })
    const answer = fetch(`${server.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: MODEL, messages, stream: true }),
    })
    for (let opened = 0; opened < 60; opened++) gate.open()
    const lines = (await (await answer).text()).split('\n').filter((line) => line.startsWith('data: '))
    expect(lines.at(-1)).toBe('data: [DONE]')
    const last = JSON.parse(lines.at(-2)!.slice('data: '.length))
    expect(last.choices[0].finish_reason).toBe('length')
    await provider.requests.at(-1)!.disconnected
    const [call] = await calls()
    expect(call).toMatchObject({ outcome: 'ok', isEstimated: true })
    expect(call!.costNanoUsd).toBeLessThanOrEqual(10_000_000)
    expect(call!.outputTokens).toBeGreaterThan(800)
  })
})

describe('budgets that lie in each other', () => {
  test('all have to allow a call, and the refusal names the one that does not', async () => {
    const agentId = await seedAgent(server, account)
    await setBudget({ kind: 'workspace', unit: 'cents', period: 'month', limit: 1000 })
    const { body } = await setBudget({ kind: 'agent', ownerId: agentId, unit: 'cents', period: 'day', limit: 5 })
    const say = () => server.call('POST', '/api/chat', { key: account.key, body: { agentId, message: 'Hello' } })
    // What an agent sends along takes a good part of it.
    provider.script(...Array.from({ length: 6 }, () => says(2000)))
    expect((await say()).status).toBe(200)
    let answer = await say()
    for (let tries = 0; answer.status === 200 && tries < 4; tries++) answer = await say()
    expect(answer).toMatchObject({ status: 429, body: { code: 'BUDGET_REACHED', kind: 'agent', budgetId: body.id } })
    // The workspace has enough for others.
    expect((await complete(account.key)).status).toBe(200)
    await budgetGateOf(server.platform).tell()
    const budgets = await listBudgets()
    expect(budgets.map(({ kind, state }: { kind: string; state: string }) => [kind, state])).toEqual([
      ['workspace', 'open'],
      ['agent', 'reached'],
    ])
  })

  test('of a member count the keys they made', async () => {
    await setBudget({ kind: 'member', ownerId: account.id, unit: 'tokens', period: 'week', limit: 100 })
    provider.script(says(90))
    expect((await complete(account.key, { max_tokens: 64 })).status).toBe(200)
    expect(await complete(account.key, { max_tokens: 64 })).toMatchObject({ status: 429, body: { error: { kind: 'member' } } })
  })

  test('in dollars let nothing begin whose price is unknown', async () => {
    await setBudget({ kind: 'workspace', unit: 'cents', period: 'month', limit: 1000 })
    expect(await complete(account.key, { model: 'compatible/unpriced' })).toMatchObject({
      status: 403,
      body: { error: { code: 'PRICE_UNKNOWN' } },
    })
    const input = { model: 'compatible/unpriced', input: 'A text' }
    expect(await server.call('POST', '/v1/embeddings', { key: account.key, body: input })).toMatchObject({ status: 403 })
  })
})

describe('a cheaper model', () => {
  test('takes over once so much of a budget is used', async () => {
    const downgrade = { model: 'compatible/small', percent: 50 }
    await setBudget({ kind: 'workspace', unit: 'tokens', period: 'month', limit: 1000, downgrade })
    provider.script(says(400))
    expect((await complete(account.key, { max_tokens: 400 })).body.model).toBe(MODEL)
    provider.script(says(150))
    expect((await complete(account.key, { max_tokens: 150 })).body.model).toBe(MODEL)
    expect((await complete(account.key, { max_tokens: 64 })).body.model).toBe('compatible/small')
  })
})

describe('a caller that leaves', () => {
  const CHUNKS = ['One two ', 'three four ', 'five six ', 'seven eight ']

  test.each(CHUNKS.map((_, index) => index + 1))('after %i chunks is billed for what came until then', async (read) => {
    await setBudget({ kind: 'workspace', unit: 'tokens', period: 'month', limit: 100_000 })
    const gate = createGate()
    provider.script({ kind: 'slow', chunks: CHUNKS, gate })
    const leaving = new AbortController()
    for (let opened = 0; opened < read; opened++) gate.open()
    const answer = await fetch(`${server.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${account.key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: MODEL, messages, stream: true }),
      signal: leaving.signal,
    })
    const reader = answer.body!.getReader()
    const said = CHUNKS.slice(0, read).join('')
    let text = ''
    while (!text.includes(CHUNKS[read - 1]!.trim())) text += Buffer.from((await reader.read()).value!).toString()
    leaving.abort()
    await provider.requests.at(-1)!.disconnected
    await expect.poll(calls, { interval: 10 }).toHaveLength(1)
    const [call] = await calls()
    expect(call).toMatchObject({ outcome: 'aborted', isEstimated: true, outputTokens: Math.ceil(said.length / 4) })
    const tokens = call!.inputTokens! + call!.outputTokens!
    expect(call!.costNanoUsd).toBe(tokens * NANO_USD_PER_TOKEN)
    await budgetGateOf(server.platform).tell()
    expect(await listBudgets()).toMatchObject([{ spent: tokens }])
  })
})

describe('the owners of a workspace', () => {
  test('are told at 80 % and at 100 %, once each', async () => {
    await setBudget({ kind: 'workspace', unit: 'tokens', period: 'month', limit: 10_000 })
    // There is room for all of them at once, with what they ask.
    await Promise.all(
      Array.from({ length: 10 }, () => {
        provider.script(says(800))
        return complete(account.key, { max_tokens: 800 })
      }),
    )
    await budgetGateOf(server.platform).tell()
    provider.script(says(1960))
    await complete(account.key, { max_tokens: 2000 })
    expect((await complete(account.key)).status).toBe(429)
    await budgetGateOf(server.platform).tell()
    // One mail is about the address of the account.
    const mails = await waitForMails(server, account.email, 3)
    const subjects = mails.map(({ subject }) => subject).filter((subject) => subject.includes('budget'))
    expect(subjects.toSorted()).toEqual([expect.stringMatching(/nearly used up$/), expect.stringMatching(/is used up$/)])
    const { system } = server.platform.databases
    const events = await system
      .selectFrom('auditEvents')
      .where('accountId', '=', account.id)
      .where('action', '=', 'budgets.reached')
      .selectAll()
      .execute()
    expect(events).toHaveLength(2)
    expect(await listBudgets()).toMatchObject([{ state: 'reached' }])
  })
})

describe('setting budgets', () => {
  test('changes the one there is of the same kind', async () => {
    const one = (await setBudget({ kind: 'workspace', unit: 'cents', period: 'month', limit: 500 })).body
    const same = (await setBudget({ kind: 'workspace', unit: 'cents', period: 'month', limit: 700, timeZone: 'Europe/Lisbon' })).body
    expect(same).toMatchObject({ id: one.id, limit: 700, timeZone: 'Europe/Lisbon' })
    expect((await server.call('DELETE', `/api/budgets/${one.id}`, { cookie: account.cookie })).status).toBe(200)
    expect(await listBudgets()).toEqual([])
  })

  test('refuses what is no amount, no zone and nobody’s', async () => {
    const budget = { kind: 'workspace', unit: 'cents', period: 'month', limit: 500 }
    for (const limit of [-1, 0.5, 1e12, 'many', null])
      expect(await setBudget({ ...budget, limit }), String(limit)).toMatchObject({ status: 400, body: { fields: [{ field: 'limit' }] } })
    expect(await setBudget({ ...budget, timeZone: 'Mars/Olympus' })).toMatchObject({
      status: 400,
      body: { fields: [{ field: 'timeZone' }] },
    })
    expect(await setBudget({ ...budget, kind: 'agent', ownerId: 'somebody-elses' })).toMatchObject({ status: 404 })
  })

  test('is for people, not for the keys that are limited', async () => {
    const body = { kind: 'workspace', unit: 'cents', period: 'month', limit: 500 }
    expect((await server.call('PUT', '/api/budgets', { key: account.key, body })).status).toBe(401)
  })
})
