import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { readAgentCredentials } from '../../../server/agents/definitions/index.ts'
import { queueLookups, recoverUsage, usageLookup, USAGE_LOOKUP } from '../../../server/models/metering/index.ts'
import { flushUsage } from '../../../server/models/metering/metering.service.ts'
import { budgetGateOf } from '../../../server/money/budgets/index.ts'
import type { Platform } from '../../../server/platform/core/context.ts'
import type { queue } from '../../../server/platform/jobs/index.ts'
import { createGate, startFakeOpenAi, type FakeOpenAi } from '../../fakes/openai.ts'
import { startFakeOpenRouter, type FakeOpenRouter, type Generation } from '../../fakes/openrouter.ts'
import { failAfter, ServerDied } from '../../helpers/failing-server.ts'
import { TestClock } from '../../helpers/test-clock.ts'
import { startTestServer, type TestAccount, type TestServer } from '../../helpers/test-server.ts'
import { startWorkerServer } from '../../helpers/worker-server.ts'

// Whoever breaks an answer off is not told what it took. What is estimated of it is corrected as soon as its provider says.

const MODEL = 'openai/gpt-4o-mini'
/** More than its answers by a few words can take, and less. */
const DEAR = { tokens: { prompt: 900, completion: 400 }, cost: 0.0123 }
const CHEAP = { tokens: { prompt: 2, completion: 1 }, cost: 0.000001 }
const API_KEYS = { server: 'or-key', own: 'own-key' }

let openRouter: FakeOpenRouter
let compatible: FakeOpenAi
let server: TestServer
let account: TestAccount
let key: { id: string; key: string }
beforeAll(async () => {
  openRouter = await startFakeOpenRouter(API_KEYS.server, API_KEYS.own)
  openRouter.setPrice(MODEL, '0.00001', '0.00002')
  compatible = await startFakeOpenAi()
  server = await startTestServer({
    OPENROUTER_API_KEY: API_KEYS.server,
    OPENROUTER_BASE_URL: openRouter.url,
    OPENAI_COMPATIBLE_BASE_URL: compatible.url,
    MODEL_PRICES: 'compatible/priced=10/20',
    SELF_HOSTED_PLAN: 'solo',
  })
})
beforeEach(async () => {
  account = await server.createAccount()
  key = await call('POST', '/api/keys', { name: 'limited', spendLimitCents: 500 })
  await call('PUT', '/api/budgets', { kind: 'workspace', unit: 'tokens', period: 'day', limit: 100_000 })
})
afterAll(async () => {
  await server.close()
  await Promise.all([openRouter.close(), compatible.close()])
})

const call = async (method: string, path: string, body: object) => (await server.call(method, path, { cookie: account.cookie, body })).body

/** A stream that breaks off after some words. */
async function breakOff(generation: Partial<Generation> = {}, model = MODEL): Promise<void> {
  openRouter.script({ pieces: ['A bowline ', 'holds.'], breaks: true, ...DEAR, ...generation })
  const body = { model, stream: true, max_tokens: 1000, messages: [{ role: 'user', content: 'Name a knot' }] }
  const { body: text } = await server.call('POST', '/v1/chat/completions', { key: key.key, body })
  expect(text).toContain('A bowline ')
  await settled()
}

/** Everything that is known of what was used is in the database. */
async function settled(): Promise<void> {
  await flushUsage(server.platform)
  await budgetGateOf(server.platform).tell()
}

async function theCall() {
  const rows = await server.platform.databases.system.selectFrom('usageEvents').where('accountId', '=', account.id).selectAll().execute()
  expect(rows).toHaveLength(1)
  return rows[0]!
}

/** What is counted of the account, wherever it is. */
async function counted() {
  const { system } = server.platform.databases
  const periods = await system
    .selectFrom('budgetPeriods')
    .where('accountId', '=', account.id)
    .select(['budgetId', 'spent', 'over'])
    .execute()
  const used = (start: string) => {
    const found = periods.find(({ budgetId }) => budgetId.startsWith(start))
    return found && found.spent + found.over
  }
  const month = await system
    .selectFrom('usageMonths')
    .where('accountId', '=', account.id)
    .select(['calls', 'tokens', 'costNanoUsd'])
    .execute()
  return { plan: used('plan:'), key: used('key:'), budget: used('bud'), month }
}

const sumsOf = (tokens: number, costNanoUsd: number) => ({
  plan: tokens,
  key: costNanoUsd,
  budget: tokens,
  month: [{ calls: 1, tokens, costNanoUsd }],
})

const lookup = usageLookup(readAgentCredentials)

/** As a server that works on the job does it. */
const attempt = async (platform: Platform = server.platform, attempts = 1) => {
  const { id } = await theCall()
  return lookup.run(platform, { payload: { usageId: id }, attempts, maxAttempts: 6 } as unknown as queue.ClaimedJob)
}

/** Marks the calls that are to be asked about, and leaves the work to the test. */
async function queueForTest(): Promise<void> {
  await queueLookups(server.platform)
  await server.platform.databases.system.deleteFrom('jobs').where('type', '=', USAGE_LOOKUP).execute()
}

async function jobs() {
  const { id } = await theCall()
  const all = await server.platform.databases.system.selectFrom('jobs').where('type', '=', USAGE_LOOKUP).select('payload').execute()
  return all.filter(({ payload }) => (payload as { usageId?: string }).usageId === id)
}

const usage = async () => (await server.call('GET', '/api/usage/daily', { key: account.key })).body[0]

describe('a call whose usage never arrived', () => {
  test('is counted as estimated, with the name its provider gave it', async () => {
    await breakOff()
    const { inputTokens, outputTokens, costNanoUsd, ...row } = await theCall()
    expect(row).toMatchObject({ isEstimated: true, lookup: 'due', generationId: openRouter.chats.at(-1)!.id })
    expect(await counted()).toEqual(sumsOf(inputTokens! + outputTokens!, costNanoUsd!))
    expect(await usage()).toMatchObject({ estimated_calls: 1 })
  })

  test.each([
    ['more', DEAR, 1300, 12_300_000],
    ['less', CHEAP, 3, 1000],
  ])('that took %s is corrected wherever it is counted', async (_, booked, tokens, costNanoUsd) => {
    await breakOff(booked)
    await queueForTest()
    expect(await attempt()).toEqual({ outcome: 'corrected' })
    const { prompt: inputTokens, completion: outputTokens } = booked.tokens
    expect(await theCall()).toMatchObject({ inputTokens, outputTokens, costNanoUsd, isEstimated: false, lookup: 'answered' })
    expect(await counted()).toEqual(sumsOf(tokens, costNanoUsd))
    expect(await usage()).toMatchObject({ estimated_calls: 0, total_tokens: tokens })
    expect(openRouter.lookups.at(-1)).toEqual({ id: openRouter.chats.at(-1)!.id, apiKey: API_KEYS.server })
  })

  test('and came to nothing has no figures, as any other that produced nothing', async () => {
    await breakOff({ tokens: { prompt: 0, completion: 0 }, cost: 0 })
    await queueForTest()
    await attempt()
    expect(await theCall()).toMatchObject({ inputTokens: null, outputTokens: null, costNanoUsd: null, isEstimated: false })
    expect(await counted()).toEqual(sumsOf(0, 0))
  })

  test('is asked about later each time until its provider knows it', async () => {
    await breakOff({ askedInVain: 2 })
    await queueLookups(server.platform)
    const clock = new TestClock()
    const worker = await startWorkerServer(server, clock)
    for (const ms of [6_000, 31_000, 121_000]) {
      expect(await theCall()).toMatchObject({ isEstimated: true })
      clock.moveBy(ms)
      await worker.settled()
    }
    await worker.stop()
    expect(await counted()).toEqual(sumsOf(1300, 12_300_000))
  })

  test('stays an estimate when its provider never knows it', async () => {
    await breakOff({ askedInVain: Infinity })
    const before = await counted()
    await queueForTest()
    for (const attempts of [1, 2, 3, 4, 5])
      await expect(attempt(server.platform, attempts)).rejects.toMatchObject({ code: 'CALL_NOT_BOOKED' })
    expect(await attempt(server.platform, 6)).toEqual({ outcome: 'unknown' })
    expect(await theCall()).toMatchObject({ isEstimated: true, lookup: 'unknown' })
    expect(await counted()).toEqual(before)
    expect(await usage()).toMatchObject({ estimated_calls: 1 })
  })

  test('is corrected once by two servers at once', async () => {
    await breakOff()
    await Promise.all([queueLookups(server.platform), queueLookups(server.platform)])
    expect(await jobs()).toHaveLength(1)
    await Promise.all([attempt(), attempt(), attempt()])
    expect(await counted()).toEqual(sumsOf(1300, 12_300_000))
  })

  test('is corrected once, wherever a server dies that does it', async () => {
    for (let statements = 0; ; statements++) {
      account = await server.createAccount()
      key = await call('POST', '/api/keys', { name: 'limited', spendLimitCents: 500 })
      await call('PUT', '/api/budgets', { kind: 'workspace', unit: 'tokens', period: 'day', limit: 100_000 })
      await breakOff()
      await queueForTest()
      const before = await counted()
      const died = await attempt(failAfter(server.platform, statements)).then(
        () => false,
        (error: unknown) => {
          if (!(error instanceof ServerDied)) throw error
          return true
        },
      )
      if (!died) break
      expect([before, sumsOf(1300, 12_300_000)]).toContainEqual(await counted())
      await attempt()
      expect(await counted()).toEqual(sumsOf(1300, 12_300_000))
    }
  })

  test('is corrected in a budget that was set after it as well', async () => {
    await breakOff()
    await call('PUT', '/api/budgets', { kind: 'key', ownerId: key.id, unit: 'cents', period: 'month', limit: 400 })
    const ask = { model: 'compatible/priced', messages: [{ role: 'user', content: 'Hello' }] }
    compatible.script({ kind: 'text', text: 'Hi.', usage: { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 } })
    expect((await server.call('POST', '/v1/chat/completions', { key: key.key, body: ask })).status).toBe(200)
    await settled()
    const { system } = server.platform.databases
    const asked = await system
      .selectFrom('usageEvents')
      .where('accountId', '=', account.id)
      .where('generationId', 'is not', null)
      .select('id')
      .executeTakeFirstOrThrow()
    await queueForTest()
    await lookup.run(server.platform, { payload: { usageId: asked.id }, attempts: 1, maxAttempts: 6 } as unknown as queue.ClaimedJob)
    const periods = await system.selectFrom('budgetPeriods').where('accountId', '=', account.id).select(['budgetId', 'spent']).execute()
    expect(periods.map(({ spent }) => spent).toSorted((a, b) => a - b)).toEqual([2, 1300, 1300, 12_300_000, 12_300_000])
  })
})

describe('a call that was cut off', () => {
  test('by a server that was killed is found in its journal by its name, and corrected', async () => {
    const gate = createGate()
    openRouter.script({ pieces: [gate, 'Late.'], ...DEAR })
    const chats = openRouter.chats.length
    const body = { model: MODEL, stream: true, messages: [{ role: 'user', content: 'Name a knot' }] }
    const answer = server.call('POST', '/v1/chat/completions', { key: key.key, body })
    const folder = join(server.platform.env.DATA_DIR, 'metering')
    const journal = () => readFile(join(folder, `${server.platform.serverId}.jsonl`), 'utf8')
    await expect.poll(async () => (await journal()).includes('gen-'), { interval: 10 }).toBe(true)
    const left = await journal()
    gate.open()
    await answer
    await settled()
    const { system } = server.platform.databases
    await system.deleteFrom('usageEvents').where('accountId', '=', account.id).execute()
    await system.deleteFrom('usageMonths').where('accountId', '=', account.id).execute()
    await writeFile(join(folder, 'srv_killed.jsonl'), left)
    await recoverUsage(server.platform)
    expect(await readdir(folder)).not.toContain('srv_killed.jsonl')
    expect(await theCall()).toMatchObject({ outcome: 'aborted', isEstimated: true, generationId: openRouter.chats[chats]!.id })
    const { plan } = await counted()
    await queueForTest()
    await attempt()
    expect(await theCall()).toMatchObject({ inputTokens: 900, outputTokens: 400, costNanoUsd: 12_300_000, isEstimated: false })
    // What was set aside for it counts as spent with all that its server held.
    expect(await counted()).toMatchObject({ plan, month: [{ tokens: 1300, costNanoUsd: 12_300_000 }] })
  })

  test('of an agent is corrected too', async () => {
    const { agent } = await call('POST', '/api/agents/provision', { name: 'Clerk', config: { model: MODEL } })
    openRouter.script({ pieces: ['A bowline ', 'holds.'], breaks: true, ...DEAR })
    await server.call('POST', '/api/chat', { key: key.key, body: { agentId: agent.id, message: 'Name a knot' } })
    await settled()
    expect(await theCall()).toMatchObject({ agentId: agent.id, isEstimated: true, lookup: 'due' })
    await queueForTest()
    await attempt()
    expect(await theCall()).toMatchObject({ agentId: agent.id, inputTokens: 900, isEstimated: false })
    expect(await counted()).toEqual(sumsOf(1300, 12_300_000))
  })

  test('on a key of the account is asked about with that key, and takes nothing of the plan', async () => {
    await call('POST', '/api/billing', { action: 'enable-byok', provider: 'openrouter', apiKey: API_KEYS.own })
    await breakOff()
    await queueForTest()
    await attempt()
    expect(openRouter.lookups.at(-1)).toEqual({ id: openRouter.chats.at(-1)!.id, apiKey: API_KEYS.own })
    expect(await counted()).toMatchObject({ plan: 0, key: 12_300_000, budget: 1300, month: [{ tokens: 0, costNanoUsd: 12_300_000 }] })
  })

  test('by a provider that cannot be asked stays an estimate', async () => {
    compatible.script({ kind: 'cut', text: 'A bowline ' })
    const body = { model: 'compatible/priced', stream: true, messages: [{ role: 'user', content: 'Name a knot' }] }
    await server.call('POST', '/v1/chat/completions', { key: key.key, body })
    await settled()
    await queueLookups(server.platform)
    expect(await theCall()).toMatchObject({ isEstimated: true, generationId: null, lookup: null })
    expect(await jobs()).toEqual([])
  })
})

test('a call whose usage arrived is not asked about', async () => {
  openRouter.script({ pieces: ['A bowline.'], ...DEAR })
  const body = { model: MODEL, stream: true, messages: [{ role: 'user', content: 'Name a knot' }] }
  await server.call('POST', '/v1/chat/completions', { key: key.key, body })
  await settled()
  expect(await theCall()).toMatchObject({ inputTokens: 900, costNanoUsd: 12_300_000, isEstimated: false, lookup: null })
  expect((await theCall()).generationId).toBe(openRouter.chats.at(-1)!.id)
})
