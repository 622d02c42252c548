import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { jobContext } from '../../../server/platform/account/job-context.ts'
import { systemClock } from '../../../server/platform/jobs/clock.ts'
import { createAgentKey } from '../../../server/identity/keys/keys.service.ts'
import { flushUsage } from '../../../server/models/metering/metering.service.ts'
import { queueDueRuns } from '../../../server/automation/schedules/due.service.ts'
import { scheduledRun } from '../../../server/automation/schedules/runs.service.ts'
import { withEnv } from '../../contract/with-env.ts'
import { startFakeOpenAi, type FakeOpenAi } from '../../fakes/openai.ts'
import { bookOf, payIn } from '../../helpers/ledger.ts'
import { LONG_AGO, setAccount } from '../../helpers/set-account.ts'
import { startTestServer, type TestAccount, type TestServer } from '../../helpers/test-server.ts'

// What a key that may spend only so much has done by others, or later, is its spending all the same.

let provider: FakeOpenAi
let server: TestServer
let account: TestAccount
let agentId: string
beforeAll(async () => {
  provider = await startFakeOpenAi()
  server = await startTestServer({
    OPENAI_COMPATIBLE_BASE_URL: provider.url,
    MODEL_PRICES: 'compatible/priced=10/10',
    DEFAULT_MODEL: 'compatible/priced',
  })
})
beforeEach(async () => {
  account = await server.createAccount()
  agentId = (await server.call('POST', '/api/agents/provision', { key: account.key, body: { name: 'Clerk' } })).body.agent.id
})
afterAll(async () => {
  await server.close()
  await provider.close()
})

const limitedKey = async (spendLimitCents: number): Promise<{ id: string; key: string }> =>
  (await server.call('POST', '/api/keys', { cookie: account.cookie, body: { name: 'limited', spendLimitCents } })).body

describe('an agent outside of this server', () => {
  /** As while the agent answers a message that was sent with the key. */
  async function answering(keyId: string | null): Promise<void> {
    const { system } = server.platform.databases
    const { id: messageId } = (await server.call('POST', '/api/chat', { key: account.key, body: { agentId, message: 'Hello' } })).body as {
      id: string
    }
    await system
      .insertInto('agentTurns')
      .values({ id: `turn_of_${agentId}`, accountId: account.id, agentId, messageId, status: 'running', keyId })
      .execute()
  }

  const callModel = async () => {
    const key = await createAgentKey((await jobContext(server.platform, account.id))!, agentId)
    const messages = [{ role: 'user', content: 'Hello' }]
    return server.call('POST', '/v1/chat/completions', { key, body: { model: 'compatible/priced', messages } })
  }

  test('spends what the key of the message may spend', async () => {
    const limited = await limitedKey(1)
    await answering(limited.id)
    provider.script({ kind: 'text', text: 'Dear.', usage: { prompt_tokens: 1000, completion_tokens: 1000, total_tokens: 2000 } })
    expect((await callModel()).status).toBe(200)
    await flushUsage(server.platform)
    const { system } = server.platform.databases
    const [row] = await system.selectFrom('usageEvents').where('keyId', '=', limited.id).selectAll().execute()
    expect(row).toMatchObject({ agentId, costNanoUsd: 20_000_000 })
    expect(await callModel()).toMatchObject({ status: 400, body: { error: { code: 'MODEL_FAILED' } } })
    const answer = await server.call('POST', '/api/chat', { key: limited.key, body: { agentId, message: 'Hello' } })
    expect(answer).toMatchObject({ status: 429, body: { code: 'SPEND_LIMIT_REACHED' } })
  })

  test('spends its own where the message came without such a key', async () => {
    await answering(null)
    expect((await callModel()).status).toBe(200)
  })
})

describe('a schedule', () => {
  test('runs on account of the key that made it', async () => {
    const limited = await limitedKey(0)
    const body = { name: 'T', cronSchedule: '0 0 1 1 *', prompt: 'Hello', agentId }
    const { id } = (await server.call('POST', '/api/scheduled-tasks', { key: limited.key, body })).body
    const { system } = server.platform.databases
    await system
      .updateTable('schedules')
      .set({ nextRunAt: new Date(0).toISOString() })
      .where('id', '=', id)
      .execute()
    await queueDueRuns(server.platform, systemClock)
    // The server's own loop may be queueing it at this moment.
    const { payload } = await vi.waitFor(() =>
      system.selectFrom('jobs').where('scheduleId', '=', id).select('payload').executeTakeFirstOrThrow(),
    )
    expect(payload).toEqual({ prompt: 'Hello', keyId: limited.id })
    const ctx = (await jobContext(server.platform, account.id))!
    const job = { agentId, scheduleId: id, payload, progress: null, startedAt: new Date().toISOString() } as never
    await expect(scheduledRun.run(ctx, job, async () => undefined)).rejects.toMatchObject({ code: 'SPEND_LIMIT_REACHED' })
  })

  test('that a person changes runs on account of the account', async () => {
    const limited = await limitedKey(0)
    const body = { name: 'T', cronSchedule: '0 0 1 1 *', prompt: 'Hello', agentId }
    const { id } = (await server.call('POST', '/api/scheduled-tasks', { key: limited.key, body })).body
    await server.call('PUT', '/api/scheduled-tasks', { cookie: account.cookie, body: { taskId: id, prompt: 'Hello again' } })
    const { system } = server.platform.databases
    expect(await system.selectFrom('schedules').where('id', '=', id).select('keyId').executeTakeFirstOrThrow()).toEqual({ keyId: null })
  })
})

describe('a call of the gateway that is paid with credits', () => {
  const AT_ONCE = 20

  test('counts against the limit of its key, also when many come at once', async () => {
    const { platform } = server
    await setAccount(server, account.id, { trialEndsAt: LONG_AGO })
    await payIn(platform, account.id, 5_000_000)
    const limited = await limitedKey(3)
    const body = { plugin: 'generate-text', messages: [{ role: 'user', content: 'Hello' }] }
    const call = (key: string) => server.call('POST', '/api/v1/gateway', { key, body })
    await withEnv(server, { STRIPE_SECRET_KEY: 'sk_test_x' }, async () => {
      const answers = await Promise.all(Array.from({ length: AT_ONCE }, () => call(limited.key)))
      const refused = answers.filter(({ status }) => status !== 200)
      expect(answers.length - refused.length).toBe(3)
      for (const answer of refused) expect(answer).toMatchObject({ status: 429, body: { code: 'SPEND_LIMIT_REACHED', limitCents: 3 } })
      expect((await call(account.key)).status).toBe(200)
    })
    expect(await bookOf(platform, `credits:${account.id}`)).toBe(5_000_000 - 4 * 10_000)
  })

  test('and what it took is not left for models', async () => {
    await setAccount(server, account.id, { trialEndsAt: LONG_AGO })
    await payIn(server.platform, account.id, 5_000_000)
    const limited = await limitedKey(1)
    const messages = [{ role: 'user', content: 'Hello' }]
    await withEnv(server, { STRIPE_SECRET_KEY: 'sk_test_x' }, async () => {
      const body = { plugin: 'generate-text', messages }
      expect((await server.call('POST', '/api/v1/gateway', { key: limited.key, body })).status).toBe(200)
    })
    expect(
      await server.call('POST', '/v1/chat/completions', { key: limited.key, body: { model: 'compatible/priced', messages } }),
    ).toMatchObject({ status: 429, body: { error: { code: 'SPEND_LIMIT_REACHED' } } })
  })
})
