import { afterAll, beforeAll, expect, test } from 'vitest'
import { newId } from '../../../server/platform/core/ids.ts'
import { startFakeOpenAi } from '../../fakes/openai.ts'
import { startTestServer, type TestAccount, type TestServer } from '../../helpers/test-server.ts'

let server: TestServer
let provider: Awaited<ReturnType<typeof startFakeOpenAi>>
beforeAll(async () => {
  provider = await startFakeOpenAi({ models: ['fake-model'] })
  server = await startTestServer({ OPENAI_COMPATIBLE_BASE_URL: provider.url, SELF_HOSTED_PLAN: 'solo' })
})
afterAll(async () => {
  await server.close()
  await provider.close()
})

const ask = ({ key }: TestAccount) =>
  server.call('POST', '/v1/chat/completions', {
    key,
    body: { model: 'compatible/fake-model', messages: [{ role: 'user', content: 'hello' }] },
  })

/** Calls that were made today. */
async function store({ id: accountId }: TestAccount, count: number, facts: { isOwnKey?: boolean } = {}): Promise<void> {
  const call = { accountId, provider: 'compatible', model: 'compatible/fake-model', outcome: 'ok', latencyMs: 1, ...facts }
  await server.platform.databases.system
    .insertInto('usageEvents')
    .values(Array.from({ length: count }, () => ({ ...call, id: newId('usage') })))
    .execute()
}

test('each call of a model is a unit, and the last of a day is the last', async () => {
  const account = await server.createAccount()
  await store(account, 598)
  const answers = await Promise.all(Array.from({ length: 5 }, () => ask(account)))
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 429, 429, 429])
  expect((await ask(account)).body.error).toMatchObject({ type: 'insufficient_quota' })
  const { body } = await server.call('POST', '/api/ai/chat', {
    key: account.key,
    body: { messages: [{ role: 'user', content: 'hello' }], model: 'compatible/fake-model' },
  })
  expect(body).toMatchObject({ code: 'DAILY_UNITS_USED', current: 600, limit: 600 })
  expect((await server.call('GET', '/api/billing', { key: account.key })).body.usage).toEqual({ dailyUnits: 600, used: 600, remaining: 0 })
})

test('calls on keys of their own take none', async () => {
  const account = await server.createAccount()
  await store(account, 700, { isOwnKey: true })
  expect((await ask(account)).status).toBe(200)
  expect((await server.call('GET', '/api/billing', { key: account.key })).body.usage).toMatchObject({ used: 1 })
})
