import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { newId } from '../../../server/platform/core/ids.ts'
import { startFakeOpenAi, type FakeOpenAi } from '../../fakes/openai.ts'
import { startFakeOpenRouter, type FakeOpenRouter } from '../../fakes/openrouter.ts'
import { startTestServer, type TestAccount, type TestServer } from '../../helpers/test-server.ts'

// What a plan includes is paid by the server. A call on a key of the account's own costs the server nothing, and needs nothing of it.

const OWN_KEY = 'own-key'
const MODEL = 'openai/gpt-4o-mini'
const messages = [{ role: 'user', content: 'Name a knot' }]

let openRouter: FakeOpenRouter
let compatible: FakeOpenAi
let server: TestServer
let account: TestAccount
beforeAll(async () => {
  openRouter = await startFakeOpenRouter(OWN_KEY)
  openRouter.setPrice(MODEL, '0.00001', '0.00002')
  compatible = await startFakeOpenAi()
  server = await startTestServer({
    OPENROUTER_BASE_URL: openRouter.url,
    OPENAI_COMPATIBLE_BASE_URL: compatible.url,
    MODEL_PRICES: 'compatible/priced=1/1',
    SELF_HOSTED_PLAN: 'solo',
  })
})
beforeEach(async () => {
  account = await server.createAccount()
  await useUpPlan()
})
afterAll(async () => {
  await server.close()
  await Promise.all([openRouter.close(), compatible.close()])
})

/** All tokens of this month and all units of today. */
async function useUpPlan(): Promise<void> {
  const call = { accountId: account.id, provider: 'compatible', model: 'compatible/priced', outcome: 'ok', latencyMs: 1 } as const
  const rows = Array.from({ length: 600 }, () => ({ ...call, id: newId('usage'), inputTokens: 4000, outputTokens: 0 }))
  await server.platform.databases.system.insertInto('usageEvents').values(rows).execute()
}

const bringKey = () =>
  server.call('POST', '/api/billing', {
    cookie: account.cookie,
    body: { action: 'enable-byok', provider: 'openrouter', apiKey: OWN_KEY },
  })
const complete = (model: string, key = account.key) => server.call('POST', '/v1/chat/completions', { key, body: { model, messages } })
const provision = async (config: object): Promise<string> =>
  (await server.call('POST', '/api/agents/provision', { key: account.key, body: { name: 'Clerk', config } })).body.agent.id
const chat = (agentId: string, key = account.key) => server.call('POST', '/api/chat', { key, body: { agentId, message: 'Name a knot' } })

test('a call on a key of the account’s own is made when the plan is used up', async () => {
  await bringKey()
  expect(await complete(MODEL)).toMatchObject({ status: 200, body: { choices: [{ message: { content: 'Bowline.' } }] } })
  expect((await server.call('POST', '/api/ai/chat', { key: account.key, body: { model: MODEL, messages } })).status).toBe(200)
})

test('and one on a key of the server is still refused, whatever keys there are', async () => {
  expect(await complete('compatible/priced')).toMatchObject({ status: 429, body: { error: { code: 'QUOTA_EXCEEDED' } } })
  await bringKey()
  const asked = compatible.requests.length
  expect(await complete('compatible/priced')).toMatchObject({ status: 429, body: { error: { code: 'QUOTA_EXCEEDED' } } })
  expect(await chat(await provision({ model: 'compatible/priced' }))).toMatchObject({ status: 429, body: { code: 'QUOTA_EXCEEDED' } })
  expect(compatible.requests).toHaveLength(asked)
})

test('an agent with a key of its own answers when the plan is used up', async () => {
  const agentId = await provision({})
  const { agents } = server.trpc({ cookie: account.cookie })
  await agents.setCredential.mutate({ agentId, key: 'openrouter', value: OWN_KEY })
  await server.call('PUT', `/api/agents/${agentId}/config`, { key: account.key, body: { model: MODEL } })
  expect(await chat(agentId)).toMatchObject({ status: 200, body: { reply: 'Bowline.' } })
})

test('what a key may spend counts on such a key too', async () => {
  await bringKey()
  const { key } = (await server.call('POST', '/api/keys', { cookie: account.cookie, body: { name: 'limited', spendLimitCents: 0 } })).body
  expect(await complete(MODEL, key)).toMatchObject({ status: 429, body: { error: { code: 'SPEND_LIMIT_REACHED' } } })
})
