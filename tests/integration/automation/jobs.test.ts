import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { createGate, startFakeOpenAi, type FakeOpenAi } from '../../fakes/openai.ts'
import { TestClock } from '../../helpers/test-clock.ts'
import { startTestServer, type TestAccount, type TestServer } from '../../helpers/test-server.ts'
import { startWorkerServer, type WorkerServer } from '../../helpers/worker-server.ts'

let model: FakeOpenAi
let server: TestServer
let account: TestAccount
let agentId: string
beforeAll(async () => {
  model = await startFakeOpenAi()
  server = await startTestServer({ OPENAI_COMPATIBLE_BASE_URL: model.url, DEFAULT_MODEL: 'compatible/fake-model', RATE_LIMIT_SCALE: '1' })
  account = await server.createAccount()
  agentId = (await call('POST', '/api/agents/provision', { name: 'Harbour Desk' })).body.agent.id
})
afterAll(async () => {
  await server.close()
  await model.close()
})
beforeEach(async () => {
  model.requests.length = 0
  // Slots come free with time; here each test begins with all of them.
  await server.platform.databases.system.updateTable('jobs').set({ slots: 0 }).execute()
})

afterEach(() => vi.waitUntil(async () => (await openJobs()).length === 0, { interval: 10, timeout: 15_000 }))

const openJobs = () =>
  server.platform.databases.system.selectFrom('jobs').where('status', 'in', ['queued', 'running']).select('id').execute()

const call = (method: string, path: string, body?: unknown) => server.call(method, path, { key: account.key, body })
const enqueue = (message: string) => call('POST', '/api/gateway/chat', { message })
const read = async (jobId: string) => (await call('GET', `/api/jobs/${jobId}`)).body.job

/** Reads a job until it is as it is waited for, however slow the machine, and well below the limit of calls, which is that of users here. */
const until = (jobId: string, what: Record<string, unknown>) =>
  expect.poll(() => read(jobId), { interval: 250, timeout: 15_000 }).toMatchObject(what)

describe('a queued message', () => {
  test('is answered by the agent, and its job has the real reply', async () => {
    const queued = await enqueue('When is high tide?')
    expect(queued).toMatchObject({
      status: 202,
      body: { success: true, queued: true, status: 'queued', agentId, agentName: 'Harbour Desk' },
    })
    const { jobId } = queued.body
    await until(jobId, { status: 'completed' })
    const job = await read(jobId)
    expect(job).toMatchObject({
      id: expect.stringMatching(/^job_/),
      userId: account.id,
      agentId,
      jobType: 'gateway_chat_completion',
      attempts: 1,
      maxAttempts: 3,
      error: null,
      result: { reply: 'Echo: When is high tide?', agentId },
    })
    const { messages } = (await call('GET', '/api/chat?limit=2')).body
    expect(messages).toMatchObject([
      { id: job.result.replyId },
      { id: job.result.messageId, content: 'When is high tide?', platform: 'api' },
    ])
  })

  test('waits for the one before it: an account has one running at a time', async () => {
    const gate = createGate()
    model.script({ kind: 'hang', gate })
    const first = (await enqueue('One')).body.jobId
    const second = (await enqueue('Two')).body.jobId
    await model.request(0)
    await until(first, { status: 'running' })
    expect(await read(second)).toMatchObject({ status: 'queued', attempts: 0, startedAt: null })
    gate.open()
    await until(second, { status: 'completed', result: { reply: 'Echo: Two' } })
  })

  test('fails for good when the agent is stopped before it is asked', async () => {
    const gate = createGate()
    model.script({ kind: 'hang', gate })
    const cutOff = (await enqueue('One')).body.jobId
    const { jobId } = (await enqueue('Two')).body
    await model.request(0)
    await call('POST', `/api/agents/${agentId}/stop`)
    gate.open()
    await until(cutOff, { status: 'queued', attempts: 1, error: expect.stringContaining('cut off') })
    await until(jobId, { status: 'failed', attempts: 1, result: null, error: expect.stringContaining('does not run') })
    expect(await enqueue('Three')).toMatchObject({ status: 404, body: { code: 'AGENT_NOT_FOUND' } })
    await call('POST', `/api/agents/${agentId}/start`)
    // It would be tried again ten seconds later.
    await server.platform.databases.system.deleteFrom('jobs').where('id', '=', cutOff).execute()
  })

  test('is queued once for one Idempotency-Key', async () => {
    const options = { key: account.key, body: { message: 'Once' }, headers: { 'idempotency-key': 'once' } }
    const [first, again] = [
      await server.call('POST', '/api/gateway/chat', options),
      await server.call('POST', '/api/gateway/chat', options),
    ]
    expect(again.body).toEqual(first.body)
    await until(first.body.jobId, { status: 'completed' })
    expect(model.requests).toHaveLength(1)
  })

  test('counts as spending of the key it was queued with, which has to be there still', async () => {
    const gate = createGate()
    model.script({ kind: 'hang', gate })
    await enqueue('One')
    await model.request(0)
    const created = await server.call('POST', '/api/keys', { cookie: account.cookie, body: { name: 'gone' } })
    const { body } = await server.call('POST', '/api/gateway/chat', { key: created.body.key, body: { message: 'Two' } })
    await server.call('DELETE', `/api/keys/${created.body.id}`, { cookie: account.cookie })
    gate.open()
    await until(body.jobId, { status: 'failed', error: 'There is no such API key.' })
    const { keys } = (await server.call('GET', '/api/keys', { cookie: account.cookie })).body
    const newest = server.platform.databases.system.selectFrom('usageEvents').orderBy('id', 'desc').limit(1)
    expect(await newest.select('keyId').executeTakeFirst()).toEqual({ keyId: keys.at(-1).id })
  })
})

describe('work slots', () => {
  const long = 'x'.repeat(801)

  test('are six a minute, two for a long message, and whoever finds none is told when to come back', async () => {
    for (const message of ['x'.repeat(800), 'short', long, 'short']) expect((await enqueue(message)).status).toBe(202)
    const refused = await enqueue(long)
    expect(refused).toMatchObject({ status: 429, body: { code: 'NO_FREE_SLOT' } })
    const { retryAfterSeconds } = refused.body
    expect(retryAfterSeconds).toBeGreaterThan(50)
    expect(retryAfterSeconds).toBeLessThanOrEqual(60)
    expect(refused.headers.get('retry-after')).toBe(String(retryAfterSeconds))
    expect((await enqueue('short')).status).toBe(202)
    expect((await enqueue('short')).status).toBe(429)
  })

  test('are not given out twice to callers that come at once', async () => {
    const answers = await Promise.all(Array.from({ length: 10 }, () => enqueue('short')))
    expect(answers.filter(({ status }) => status === 202)).toHaveLength(6)
  })

  test('of one account are not those of another', async () => {
    for (let n = 0; n < 6; n++) await enqueue('short')
    const other = await server.createAccount()
    await server.call('POST', '/api/agents/provision', { key: other.key, body: { name: 'Clerk' } })
    expect((await server.call('POST', '/api/gateway/chat', { key: other.key, body: { message: 'short' } })).status).toBe(202)
  })
})

describe('a job of somebody else', () => {
  test('is forbidden, and one there is not is unknown', async () => {
    const { jobId } = (await enqueue('Mine')).body
    const other = await server.createAccount()
    expect(await server.call('GET', `/api/jobs/${jobId}`, other)).toMatchObject({ status: 403, body: { code: 'JOB_FORBIDDEN' } })
    expect(await server.call('GET', '/api/jobs/job_none', other)).toMatchObject({ status: 404, body: { code: 'JOB_NOT_FOUND' } })
  })
})

describe('a server that works on jobs', () => {
  let clock: TestClock
  let worker: WorkerServer
  beforeEach(async () => {
    clock = new TestClock()
    clock.moveBy(3_600_000)
    worker = await startWorkerServer(server, clock)
    await worker.settled()
  })
  afterEach(() => worker.stop())

  /** A job that comes due by the worker's clock, in a minute, so that the server of the other tests leaves it alone. */
  const store = async (more: Record<string, unknown> = {}): Promise<string> => {
    const id = `job_stored${Math.random().toString(36).slice(2)}`
    const payload = JSON.stringify({ message: 'Stored' })
    await server.platform.databases.system
      .insertInto('jobs')
      .values({
        id,
        accountId: account.id,
        agentId,
        type: 'gateway_chat_completion',
        payload,
        maxAttempts: 3,
        runAt: new Date(clock.now().getTime() + 60_000).toISOString(),
        ...more,
      })
      .execute()
    return id
  }
  const moveBy = async (ms: number) => {
    clock.moveBy(ms)
    await worker.settled()
  }
  const settle = async () => {
    await moveBy(0)
    await moveBy(60_000)
  }

  test('tries a job three times, later each time, and then gives it up', async () => {
    model.script({ kind: 'status', status: 500 }, { kind: 'status', status: 500 }, { kind: 'status', status: 500 })
    const jobId = await store()
    await moveBy(60_000)
    expect(await read(jobId)).toMatchObject({ status: 'queued', attempts: 1, error: expect.any(String) })
    await moveBy(9_999)
    expect(await read(jobId)).toMatchObject({ attempts: 1 })
    await moveBy(1)
    expect(await read(jobId)).toMatchObject({ attempts: 2, status: 'queued' })
    await moveBy(60_000)
    expect(await read(jobId)).toMatchObject({ status: 'failed', attempts: 3, result: null, error: expect.any(String) })
    await moveBy(600_000)
    expect(model.requests).toHaveLength(3)
  })

  test('takes over what a server that died was working on, once its lease has run out', async () => {
    const lease = {
      status: 'running',
      leaseOwner: 'a server that died',
      leaseExpiresAt: new Date(clock.now().getTime() + 90_000).toISOString(),
    }
    const [jobId, lastChance] = [await store({ ...lease, attempts: 1 }), await store({ ...lease, attempts: 3, agentId: null })]
    await moveBy(89_000)
    expect(await read(jobId)).toMatchObject({ status: 'running', attempts: 1 })
    await moveBy(1_000)
    await settle()
    expect(await read(jobId)).toMatchObject({
      status: 'completed',
      attempts: 2,
      error: null,
      result: { reply: expect.stringMatching(/^Echo: (.*\n)*Stored$/) },
    })
    expect(await read(lastChance)).toMatchObject({ status: 'failed', attempts: 3, error: 'The server that worked on it stopped.' })
  })

  test('does not ask again what was answered before the server died', async () => {
    const said = (await call('POST', '/api/chat', { message: 'Asked once', agentId })).body
    model.requests.length = 0
    const jobId = await store({ progress: JSON.stringify({ messageId: said.id }) })
    await settle()
    expect(await read(jobId)).toMatchObject({ status: 'completed', result: { reply: 'Echo: Asked once', replyId: said.replyId } })
    expect(model.requests).toHaveLength(0)
  })

  test('keeps the lease of a job that takes long', async () => {
    const gate = createGate()
    model.script({ kind: 'hang', gate })
    const jobId = await store()
    clock.moveBy(60_000)
    await model.request(0)
    const other = await startWorkerServer(server, clock)
    for (let renewals = 0; renewals < 15; renewals++) {
      clock.moveBy(3_000)
      await expect.poll(() => leaseOf(jobId), { interval: 10 }).toBe(new Date(clock.now().getTime() + 10_000).toISOString())
    }
    expect(await read(jobId)).toMatchObject({ status: 'running', attempts: 1 })
    gate.open()
    await worker.settled()
    expect(await read(jobId)).toMatchObject({ status: 'completed', attempts: 1 })
    await other.stop()
  })

  const leaseOf = async (jobId: string) =>
    (await server.platform.databases.system.selectFrom('jobs').where('id', '=', jobId).select('leaseExpiresAt').executeTakeFirstOrThrow())
      .leaseExpiresAt

  test('gives back what it works on when it stops', async () => {
    const gate = createGate()
    model.script({ kind: 'hang', gate })
    const jobId = await store()
    clock.moveBy(60_000)
    await model.request(0)
    await worker.stop()
    expect(await read(jobId)).toMatchObject({ status: 'queued', attempts: 0 })
    gate.open()
    worker = await startWorkerServer(server, clock)
    await worker.settled()
    expect(await read(jobId)).toMatchObject({ status: 'completed', attempts: 1 })
  })

  test('asks the database for nothing while there is nothing to do', async () => {
    await settle()
    expect(clock.sleepsUntil()! - clock.now().getTime()).toBe(60_000)
  })
})
