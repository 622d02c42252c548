import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { createLogger } from '../../../server/platform/core/log.ts'
import { startFakeOpenAi, type FakeOpenAi } from '../../fakes/openai.ts'
import { startTestServer, type TestAccount, type TestServer } from '../../helpers/test-server.ts'

// Providers like to repeat the key they refuse. It may be short, and an account's own, which no configuration names.

const OPERATORS_KEY = 'operators key/1'
const OWN_KEY = 'own-k3y'

let provider: FakeOpenAi
let server: TestServer
let account: TestAccount
beforeAll(async () => {
  provider = await startFakeOpenAi({ models: ['fake-model'] })
  server = await startTestServer({
    OPENAI_BASE_URL: provider.url,
    OPENAI_COMPATIBLE_BASE_URL: provider.url,
    OPENAI_COMPATIBLE_API_KEY: OPERATORS_KEY,
  })
  account = await server.createAccount()
  await server.trpc({ cookie: account.cookie }).ai.setProviderKey.mutate({ provider: 'openai', apiKey: OWN_KEY })
})
afterAll(async () => {
  await server.close()
  await provider.close()
})

/** What is in the log after something was done. */
async function logOf(work: () => Promise<unknown>): Promise<string> {
  const lines: string[] = []
  const { log, env } = server.platform
  const written = createLogger({ ...env, LOG_LEVEL: 'info' }, { write: (line: string) => void lines.push(line) })
  for (const level of ['warn', 'error'] as const) vi.spyOn(log, level).mockImplementation(written[level].bind(written))
  await work().finally(() => vi.restoreAllMocks())
  return lines.join('')
}

const refuse = (key: string) =>
  provider.script({
    kind: 'status',
    status: 500,
    message: `Incorrect API key provided: ${key} (${encodeURIComponent(key)}). API key not valid.`,
  })

test.each([
  ['openai/fake-model', OWN_KEY],
  ['compatible/fake-model', OPERATORS_KEY],
])('the key %s is called with is not in the log of a call', async (model, key) => {
  const body = { model, models: ['local/commands'], messages: [{ role: 'user', content: 'help' }] }
  const log = await logOf(async () => {
    refuse(key)
    expect((await server.call('POST', '/v1/chat/completions', { key: account.key, body })).status).toBe(200)
  })
  expect(log).toContain('a model failed; trying the next one')
  expect(log).toContain('Incorrect API key provided: [removed] ([removed]). API key not valid.')
  expect(log).not.toContain(key)
})

test.each([
  ['openai/fake-model', OWN_KEY],
  ['compatible/fake-model', OPERATORS_KEY],
])('the key %s is called with is not in the log of an agent', async (model, key) => {
  const config = { model, fallbacks: ['local/commands'] }
  const { agent } = (await server.call('POST', '/api/agents/provision', { key: account.key, body: { name: 'Clerk', config } })).body
  const credential = { action: 'set-credential', agentId: agent.id, key: 'openai', value: OWN_KEY }
  await server.call('POST', '/api/agent', { key: account.key, body: credential })
  const log = await logOf(async () => {
    refuse(key)
    expect(await server.call('POST', '/api/chat', { key: account.key, body: { agentId: agent.id, message: 'help' } })).toMatchObject({
      status: 200,
    })
  })
  expect(log).toContain('Incorrect API key provided: [removed] ([removed]). API key not valid.')
  expect(log).not.toContain(key)
})
