import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { jobContext } from '../../../server/platform/account/job-context.ts'
import { createAgentKey } from '../../../server/identity/keys/keys.service.ts'
import { withEnv } from '../../contract/with-env.ts'
import { startFakeOpenAi, type FakeOpenAi } from '../../fakes/openai.ts'
import { startTestServer, type TestAccount, type TestServer } from '../../helpers/test-server.ts'

// What the runtime of an agent is answered when it calls its model with its own key. OpenClaw repeats a call that ended
// with 429 or 5xx, and gives its key up for a while after 401, 402 and 403: only 400 is a refusal it accepts.

let provider: FakeOpenAi
let server: TestServer
let account: TestAccount
let agentId: string
let key: string
beforeAll(async () => {
  provider = await startFakeOpenAi()
  server = await startTestServer({ OPENAI_COMPATIBLE_BASE_URL: provider.url, DEFAULT_MODEL: 'compatible/fake-model' })
  account = await server.createAccount()
  const { body } = await server.call('POST', '/api/agents/provision', { key: account.key, body: { name: 'Clerk' } })
  agentId = body.agent.id
  key = await createAgentKey((await jobContext(server.platform, account.id))!, agentId)
})
beforeEach(() => void (provider.requests.length = 0))
afterAll(async () => {
  await server.close()
  await provider.close()
})

const ask = (caller: string, body: object = {}) =>
  server.call('POST', '/v1/chat/completions', {
    key: caller,
    body: { model: 'compatible/fake-model', messages: [{ role: 'user', content: 'Name a knot' }], ...body },
  })

const refusal = {
  status: 400,
  body: { error: { type: 'invalid_request_error', code: 'MODEL_FAILED', message: 'The model of this agent did not answer.' } },
}

test.each([500, 502, 503, 429, 401, 403])('a provider that answers %i is one refusal that is not repeated', async (status) => {
  provider.script({ kind: 'status', status })
  expect(await ask(key)).toMatchObject(refusal)
  provider.script({ kind: 'status', status })
  expect(await ask(key, { stream: true })).toMatchObject(refusal)
  expect(provider.requests.filter(({ method }) => method === 'POST')).toHaveLength(2)
})

test('a stream that breaks off ends in the same words', async () => {
  provider.script({ kind: 'cut', text: 'A bowline is ', how: 'end' })
  const { body } = await ask(key, { stream: true })
  expect(JSON.parse(body.trim().split('\n').at(-1)!.slice('data: '.length))).toMatchObject(refusal.body)
})

test('a plan that is used up is the same refusal', async () => {
  const month = `${new Date().toISOString().slice(0, 7)}-01`
  const other = await server.createAccount()
  const { agent } = (await server.call('POST', '/api/agents/provision', { key: other.key, body: { name: 'Clerk' } })).body
  const otherKey = await createAgentKey((await jobContext(server.platform, other.id))!, agent.id)
  const row = { accountId: other.id, month, keyId: '', calls: 1, tokens: 1e12, costNanoUsd: 0 }
  await server.platform.databases.system.insertInto('usageMonths').values(row).execute()
  await withEnv(server, { SELF_HOSTED_PLAN: 'solo' }, async () => expect(await ask(otherKey)).toMatchObject(refusal))
})

test('why it failed is in the log of the agent', async () => {
  provider.script({ kind: 'status', status: 500 })
  await ask(key)
  const { logs } = (await server.call('GET', `/api/agents/${agentId}/logs?level=error`, { key: account.key })).body
  expect(logs[0].message).toContain('the provider answered 500')
})

test('what is wrong with the request is told as it is: the runtime can mend it', async () => {
  provider.script({ kind: 'status', status: 400, message: 'The context length is exceeded.' })
  expect(await ask(key)).toMatchObject({ status: 400, body: { error: { message: expect.stringContaining('context length is exceeded') } } })
})

test('everybody else is told what happened', async () => {
  provider.script({ kind: 'status', status: 500 })
  expect(await ask(account.key)).toMatchObject({ status: 502, body: { error: { code: 'MODEL_FAILED', upstreamStatus: 500 } } })
})
