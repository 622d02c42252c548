import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { newId } from '../../../server/platform/core/ids.ts'
import { startFakeOpenAi, type FakeOpenAi } from '../../fakes/openai.ts'
import { startTestServer, type TestAccount, type TestServer } from '../../helpers/test-server.ts'

// What nobody knows is null or counted apart, and what was estimated says so, on every way to the figures.

let provider: FakeOpenAi
let server: TestServer
let account: TestAccount
let agentId: string
beforeAll(async () => {
  provider = await startFakeOpenAi()
  server = await startTestServer({
    OPENAI_COMPATIBLE_BASE_URL: provider.url,
    MODEL_PRICES: 'compatible/priced=1/2',
    DEFAULT_MODEL: 'compatible/priced',
  })
  account = await server.createAccount()
  agentId = (await server.call('POST', '/api/agents/provision', { key: account.key, body: { name: 'Clerk' } })).body.agent.id
})
afterAll(async () => {
  await server.close()
  await provider.close()
})

const usage = { prompt_tokens: 1000, completion_tokens: 100, total_tokens: 1100 }
const messages = [{ role: 'user' as const, content: 'Name a knot' }]
const complete = (model: string) => server.call('POST', '/v1/chat/completions', { key: account.key, body: { model, messages } })
const get = async (path: string) => (await server.call('GET', path, { key: account.key })).body

describe('usage', () => {
  const priced = { model: 'compatible/priced' }
  const unpriced = { model: 'compatible/unpriced' }
  beforeAll(async () => {
    provider.script(
      { kind: 'text', text: 'Bowline.', usage },
      { kind: 'text', text: 'Bowline.', usage: null },
      { kind: 'text', text: 'Bowline.', usage },
    )
    await complete('compatible/priced')
    await complete('compatible/priced')
    await complete('compatible/unpriced')
  })

  test('of calls without a price has no cost, and estimated calls are counted', async () => {
    const rows = await get('/api/usage/by-model')
    expect(rows).toHaveLength(2)
    expect(rows).toContainEqual(
      expect.objectContaining({
        ...unpriced,
        cost_usd: null,
        unpriced_calls: 1,
        estimated_calls: 0,
        uncounted_calls: 0,
        total_tokens: 1100,
      }),
    )
    const known = rows.find(({ model }: { model: string }) => model === priced.model)
    expect(known).toMatchObject({ unpriced_calls: 0, estimated_calls: 1, uncounted_calls: 0 })
    expect(known.cost_usd).toBeGreaterThan(0.0012)
  })

  test('of calls of which some have a price costs what these do', async () => {
    const [today] = await get('/api/usage/daily')
    expect(today).toMatchObject({ unpriced_calls: 1, estimated_calls: 1, uncounted_calls: 0 })
    expect(today.cost_usd).toBeGreaterThan(0.0012)
    const known = (await get('/api/usage/by-model')).find(({ model }: { model: string }) => model === priced.model)
    expect(today.cost_usd).toBeCloseTo(known.cost_usd, 12)
  })

  test('is the same by REST, tRPC and GraphQL', async () => {
    const { data, errors } = (
      await server.graphql(
        '{ dailyUsage { date total_tokens cost_usd unpriced_calls estimated_calls uncounted_calls turns } usageByModel { model cost_usd estimated_calls unpriced_calls } }',
        {},
        { key: account.key },
      )
    ).body
    expect(errors).toBeUndefined()
    const daily = await get('/api/usage/daily')
    expect(data.dailyUsage).toEqual(daily)
    expect(await server.trpc({ key: account.key }).usage.daily.query({})).toEqual(daily)
    expect(data.usageByModel).toContainEqual({ ...unpriced, cost_usd: null, estimated_calls: 0, unpriced_calls: 1 })
  })
})

describe('an answer whose tokens the provider did not say', () => {
  const unsaid = () => provider.script({ kind: 'text', text: 'Bowline.', usage: null })
  const counted = () => provider.script({ kind: 'text', text: 'Bowline.', usage })

  test('says that they are estimated, on /v1 and on /api/ai', async () => {
    unsaid()
    expect((await complete('compatible/priced')).body.usage).toMatchObject({ estimated: true })
    counted()
    expect((await complete('compatible/priced')).body.usage).not.toHaveProperty('estimated')
  })

  test('says so by REST, tRPC and GraphQL', async () => {
    const body = { model: 'compatible/priced', messages }
    const trpc = server.trpc({ key: account.key })
    const query =
      'mutation ($messages: [TextMessageInput!]!) { aiChat(model: "compatible/priced", messages: $messages) { usage { prompt_tokens estimated } } }'
    for (const [script, estimated] of [
      [unsaid, true],
      [counted, undefined],
    ] as const) {
      script()
      expect((await server.call('POST', '/api/ai/chat', { key: account.key, body })).body.usage.estimated).toBe(estimated)
      script()
      expect((await trpc.ai.chat.mutate(body)).usage.estimated).toBe(estimated)
      script()
      const { data } = (await server.graphql(query, { messages }, { key: account.key })).body
      expect(data.aiChat.usage.estimated ?? undefined).toBe(estimated)
    }
  })

  test('says so on the gateway', async () => {
    unsaid()
    const { body } = await server.call('POST', '/api/v1/gateway', {
      key: account.key,
      body: { plugin: 'generate-text', model: 'compatible/priced', messages },
    })
    expect(body.data.usage).toMatchObject({ isEstimated: true, outputTokens: 2 })
  })
})

describe('the answer of an agent', () => {
  const chat = () => server.trpc({ key: account.key }).chat.send.mutate({ agentId, message: 'Hello' })

  test('has no cost where no call has a price, and says of how many that is', async () => {
    const other = (
      await server.call('POST', '/api/agents/provision', {
        key: account.key,
        body: { name: 'Other', config: { model: 'compatible/unpriced' } },
      })
    ).body
    provider.script({ kind: 'text', text: 'Hello.', usage })
    const { body } = await server.call('POST', '/api/chat', { key: account.key, body: { agentId: other.agent.id, message: 'Hello' } })
    expect(body.usage).toEqual({ inputTokens: 1000, outputTokens: 100, modelCalls: 1, estimatedCalls: 0, cost: null, unpricedCalls: 1 })
  })

  test('has tokens only where the provider counted them', async () => {
    provider.script({ kind: 'text', text: 'Hello.', usage: null })
    expect((await chat()).usage).toMatchObject({ inputTokens: null, outputTokens: null, modelCalls: 1, cost: null, unpricedCalls: 1 })
    const [row] = await get(`/api/usage/by-agent/${agentId}`)
    expect(row).toMatchObject({ model: 'compatible/priced', uncounted_calls: 1, unpriced_calls: 1, cost_usd: null, total_tokens: 0 })
    const { stats } = await get(`/api/agents/${agentId}/stats`)
    expect(stats).toMatchObject({ messagesProcessed: 1, inputTokens: null, outputTokens: null, uncountedCalls: 1 })
  })

  test('of another model, after the first one refused, is counted as that one was, everywhere', async () => {
    const config = { model: 'compatible/refusing', fallbacks: ['compatible/priced'] }
    const body = { name: 'Second choice', config }
    const { agent } = (await server.call('POST', '/api/agents/provision', { key: account.key, body })).body
    provider.script({ kind: 'status', status: 429 }, { kind: 'text', text: 'Hello.', usage })
    const reply = (await server.call('POST', '/api/chat', { key: account.key, body: { agentId: agent.id, message: 'Hello' } })).body
    const took = { inputTokens: 1000, outputTokens: 100, estimatedCalls: 0 }
    expect(reply.usage).toEqual({ ...took, modelCalls: 2, cost: 0.0012, unpricedCalls: 0 })
    expect((await get(`/api/agents/${agent.id}/stats`)).stats).toMatchObject({ ...took, uncountedCalls: 0 })
    const rows = await get(`/api/usage/by-agent/${agent.id}`)
    expect(rows).toMatchObject([{ model: 'compatible/priced', input_tokens: 1000, unpriced_calls: 0, uncounted_calls: 0 }])
  })

  test('that broke off is counted as estimated in the figures of the agent', async () => {
    await server.platform.databases.system
      .insertInto('usageEvents')
      .values({
        id: newId('usage'),
        accountId: account.id,
        agentId,
        kind: 'chat',
        provider: 'compatible',
        model: 'compatible/priced',
        outcome: 'failed',
        inputTokens: 3,
        outputTokens: 4,
        costNanoUsd: 1050,
        isOwnKey: false,
        isEstimated: true,
        latencyMs: 1,
      })
      .execute()
    expect((await get(`/api/agents/${agentId}/stats`)).stats).toMatchObject({
      inputTokens: 3,
      outputTokens: 4,
      estimatedCalls: 1,
      uncountedCalls: 1,
    })
    const [row] = await get(`/api/usage/by-agent/${agentId}`)
    expect(row).toMatchObject({ estimated_calls: 1, uncounted_calls: 1, unpriced_calls: 1, cost_usd: 0.00000105 })
  })

  test('says the same of what it took by REST, tRPC and GraphQL', async () => {
    const count = () => provider.script({ kind: 'text', text: 'Hello.', usage })
    const took = { inputTokens: 1000, outputTokens: 100, modelCalls: 1, estimatedCalls: 0, cost: 0.0012, unpricedCalls: 0 }
    count()
    const body = { agentId, message: 'Hello' }
    expect((await server.call('POST', '/api/chat', { key: account.key, body })).body.usage).toEqual(took)
    count()
    expect((await chat()).usage).toEqual(took)
    count()
    const query = `mutation ($agentId: ID, $message: String!) {
      sendMessage(agentId: $agentId, message: $message) { usage { inputTokens outputTokens modelCalls estimatedCalls cost unpricedCalls } }
    }`
    const { data } = (await server.graphql(query, body, { key: account.key })).body
    expect(data.sendMessage.usage).toEqual(took)
    count()
    const completion = { model: `agent:${agentId}`, messages }
    const { body: answer } = await server.call('POST', '/v1/chat/completions', { key: account.key, body: completion })
    expect(answer.usage).toEqual({ prompt_tokens: 1000, completion_tokens: 100, total_tokens: 1100, cost: 0.0012 })
  })
})
