import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { createGate, startFakeOpenAi, type FakeOpenAi } from '../../fakes/openai.ts'
import { LONG_AGO, setAccount } from '../../helpers/set-account.ts'
import { TestClock } from '../../helpers/test-clock.ts'
import { seedAccount } from '../../helpers/seed.ts'
import { startTestServer, type TestAccount, type TestServer } from '../../helpers/test-server.ts'
import { startWorkerServer, type WorkerServer } from '../../helpers/worker-server.ts'

let model: FakeOpenAi
let server: TestServer
let account: TestAccount
let agentId: string
let clock: TestClock
let worker: WorkerServer
beforeAll(async () => {
  model = await startFakeOpenAi()
  server = await startTestServer({ OPENAI_COMPATIBLE_BASE_URL: model.url, DEFAULT_MODEL: 'compatible/fake-model' })
})
afterAll(async () => {
  await server.close()
  await model.close()
})
beforeEach(async () => {
  model.requests.length = 0
  ;({ account, agentId } = await seedAccount(server))
  clock = new TestClock()
  worker = await startWorkerServer(server, clock)
  await worker.settled()
})
afterEach(async () => {
  await worker.stop()
  // What is left would come due in the tests after this one, whose clock starts over.
  await server.platform.databases.system.deleteFrom('schedules').execute()
})

const call = (method: string, path: string, body?: unknown) => server.call(method, path, { key: account.key, body })

const createTask = async (more: Record<string, unknown> = {}) =>
  (await call('POST', '/api/scheduled-tasks', { name: 'Tides', cronSchedule: '30 6 * * *', prompt: 'Post the tides.', agentId, ...more }))
    .body

const readTask = async (taskId: string) =>
  (await call('GET', '/api/scheduled-tasks')).body.tasks.find(({ id }: { id: string }) => id === taskId)

const runsOf = (scheduleId: string) => server.trpc(account).schedules.runs.query({ scheduleId })

const moveTo = async (time: string, ms = 0) => {
  clock.moveTo(new Date(Date.parse(time) + ms))
  await worker.settled()
}

const moveBy = async (ms: number) => {
  clock.moveBy(ms)
  await worker.settled()
}

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const plus = (time: string, ms: number) => new Date(Date.parse(time) + ms).toISOString()

describe('a scheduled task', () => {
  test('asks its agent on time, not before, and then again a day later', async () => {
    const task = await createTask()
    await moveTo(task.nextRun, -1)
    expect(await runsOf(task.id)).toEqual([])
    await moveTo(task.nextRun)
    const [run, ...others] = await runsOf(task.id)
    expect(others).toEqual([])
    expect(run).toMatchObject({
      outcome: 'answered',
      scheduledFor: task.nextRun,
      startedAt: task.nextRun,
      endedAt: task.nextRun,
      attempts: 1,
      reply: 'Echo: Post the tides.',
      error: null,
    })
    expect(await readTask(task.id)).toMatchObject({ lastRun: task.nextRun, nextRun: plus(task.nextRun, DAY_MS) })
    const { messages } = (await call('GET', `/api/chat?agentId=${agentId}`)).body
    expect(messages).toMatchObject([{ sender: 'agent' }, { id: run!.messageId, content: 'Post the tides.', state: 'answered' }])

    await moveTo(task.nextRun, DAY_MS)
    expect((await runsOf(task.id)).map(({ scheduledFor }) => scheduledFor)).toEqual([plus(task.nextRun, DAY_MS), task.nextRun])
  })

  test('that came due many times while no server ran runs once', async () => {
    const task = await createTask()
    await worker.stop()
    clock.moveTo(plus(task.nextRun, 10 * DAY_MS + HOUR_MS))
    worker = await startWorkerServer(server, clock)
    await worker.settled()
    expect(await runsOf(task.id)).toMatchObject([{ outcome: 'answered', scheduledFor: task.nextRun }])
    expect((await readTask(task.id)).nextRun).toBe(plus(task.nextRun, 11 * DAY_MS))
  })

  test('runs once when several servers see it come due', async () => {
    const tasks = await Promise.all(Array.from({ length: 20 }, () => createTask()))
    const others = await Promise.all([startWorkerServer(server, clock), startWorkerServer(server, clock)])
    clock.moveTo(tasks[0].nextRun)
    await Promise.all([worker, ...others].map((each) => each.settled()))
    // Jobs one server queued may have been taken by another, which settled before.
    await Promise.all([worker, ...others].map((each) => each.settled()))
    for (const { id } of tasks) expect(await runsOf(id)).toMatchObject([{ outcome: 'answered', attempts: 1 }])
    expect(model.requests).toHaveLength(20)
    await Promise.all(others.map((each) => each.stop()))
  })

  test('whose server stops in the middle is finished by the next one, and asked once', async () => {
    const task = await createTask()
    const gate = createGate()
    model.script({ kind: 'hang', gate })
    clock.moveTo(task.nextRun)
    await model.request(0)
    await worker.stop()
    expect(await runsOf(task.id)).toMatchObject([{ outcome: 'queued', attempts: 0 }])
    worker = await startWorkerServer(server, clock)
    await worker.settled()
    expect(await runsOf(task.id)).toMatchObject([{ outcome: 'answered', attempts: 1, reply: 'Echo: Post the tides.' }])
    const { messages } = (await call('GET', `/api/chat?agentId=${agentId}`)).body
    expect(messages.map(({ content }: { content: string }) => content)).toEqual(['Echo: Post the tides.', 'Post the tides.'])
    gate.open()
  })

  test('is skipped, with the reason, while its agent does not run', async () => {
    const task = await createTask()
    await call('POST', `/api/agents/${agentId}/stop`)
    await moveTo(task.nextRun)
    expect(await runsOf(task.id)).toMatchObject([{ outcome: 'skipped', errorCode: 'AGENT_NOT_RUNNING', messageId: null, reply: null }])
    expect(await readTask(task.id)).toMatchObject({ lastRun: null, nextRun: plus(task.nextRun, DAY_MS) })
    await call('POST', `/api/agents/${agentId}/start`)
    await moveTo(task.nextRun, DAY_MS)
    expect((await runsOf(task.id))[0]).toMatchObject({ outcome: 'answered' })
  })

  test('goes with its agent, also when that is deleted in the middle of a run', async () => {
    const task = await createTask()
    const gate = createGate()
    model.script({ kind: 'hang', gate })
    clock.moveTo(task.nextRun)
    await model.request(0)
    await call('DELETE', `/api/agents/${agentId}`)
    gate.open()
    await worker.settled()
    expect((await call('GET', '/api/scheduled-tasks')).body).toEqual({ tasks: [], count: 0 })
    await moveBy(DAY_MS)
    expect(model.requests).toHaveLength(1)
    expect(await server.platform.databases.system.selectFrom('jobs').where('accountId', '=', account.id).select('id').execute()).toEqual([])
  })

  test('is tried up to three times when the model fails, with the one message', async () => {
    const task = await createTask()
    model.script({ kind: 'status', status: 500 }, { kind: 'status', status: 500 }, { kind: 'status', status: 500 })
    await moveTo(task.nextRun)
    expect(await runsOf(task.id)).toMatchObject([{ outcome: 'queued', attempts: 1, errorCode: 'MODEL_FAILED' }])
    await moveBy(10_000)
    await moveBy(60_000)
    expect(await runsOf(task.id)).toMatchObject(
      [{ outcome: 'failed', attempts: 3, errorCode: 'MODEL_FAILED', messageId: /^msg_/ }].map(known),
    )
    expect((await call('GET', `/api/chat?agentId=${agentId}`)).body.count).toBe(1)
    await moveTo(task.nextRun, DAY_MS)
    expect((await runsOf(task.id))[0]).toMatchObject({ outcome: 'answered' })
  })

  test('does not pile up behind a slow agent: while a run goes on there is no other', async () => {
    const task = await createTask({ cronSchedule: '0 * * * * *' })
    const gate = createGate()
    model.script({ kind: 'hang', gate })
    clock.moveTo(task.nextRun)
    await model.request(0)
    const nextRun = async () => (await readTask(task.id)).nextRun
    for (const minutes of [1, 2, 3]) {
      clock.moveTo(plus(task.nextRun, minutes * 60_000))
      await expect.poll(nextRun, { interval: 10 }).toBe(plus(task.nextRun, (minutes + 1) * 60_000))
    }
    expect(await runsOf(task.id)).toMatchObject([{ outcome: 'running' }])
    gate.open()
    await worker.settled()
    await moveTo(task.nextRun, 4 * 60_000)
    expect((await runsOf(task.id)).map(({ outcome }) => outcome)).toEqual(['answered', 'answered'])
  })

  test('that is skipped again and again for one reason says so once', async () => {
    const task = await createTask()
    await moveTo(task.nextRun)
    await call('POST', `/api/agents/${agentId}/stop`)
    for (const days of [1, 2, 3]) await moveTo(task.nextRun, days * DAY_MS)
    expect(await runsOf(task.id)).toMatchObject([
      { outcome: 'skipped', errorCode: 'AGENT_NOT_RUNNING', scheduledFor: plus(task.nextRun, 3 * DAY_MS) },
      { outcome: 'answered' },
    ])
  })

  test('that is switched off does not run, and switched on again it goes on from then', async () => {
    const task = await createTask()
    expect((await call('PUT', '/api/scheduled-tasks', { taskId: task.id, enabled: false })).body).toMatchObject({
      enabled: false,
      nextRun: null,
    })
    await moveTo(task.nextRun, DAY_MS)
    expect(await runsOf(task.id)).toEqual([])
    const on = await call('PUT', '/api/scheduled-tasks', { taskId: task.id, enabled: true, cronSchedule: '0 12 * * *', prompt: 'Noon.' })
    expect(on.body).toMatchObject({ enabled: true, prompt: 'Noon.', name: 'Tides', nextRun: expect.stringMatching(/T12:00:00.000Z$/) })
  })

  test.each(['0 0 30 2 *', '0 0 31 4 *', '61 * * * *', '* * * * * * *', '* * * *', 'every day at six'])(
    'at "%s" is refused with the name of the field',
    async (cronSchedule) => {
      const created = await call('POST', '/api/scheduled-tasks', { name: 'Tides', cronSchedule, prompt: 'Post.', agentId })
      expect(created).toMatchObject({ status: 400, body: { code: 'INVALID_INPUT', fields: [{ field: 'cronSchedule' }] } })
      const task = await createTask({ enabled: false })
      const changed = await call('PUT', '/api/scheduled-tasks', { taskId: task.id, cronSchedule })
      expect(changed).toMatchObject({ status: 400, body: { fields: [{ field: 'cronSchedule' }] } })
      const job = await call('POST', '/api/cron', {
        name: 'Tides',
        schedule: { kind: 'cron', expr: cronSchedule },
        payload: { text: 'Post.' },
      })
      expect(job).toMatchObject({ status: 400, body: { fields: [{ field: 'schedule.expr' }] } })
    },
  )
})

describe('a heartbeat', () => {
  const read = async () => (await call('GET', `/api/heartbeat?agentId=${agentId}`)).body

  test('beats at its frequency once it is saved, and not before', async () => {
    expect(await read()).toMatchObject({ source: 'db', enabled: true, frequency: '30m', nextRun: null, lastRun: null })
    await moveBy(HOUR_MS)
    expect(model.requests).toHaveLength(0)
    const saved = await call('POST', '/api/heartbeat', { agentId, frequency: '3h' })
    expect(saved.body).toEqual({ success: true, source: 'gateway', enabled: true, frequency: '3h' })
    const { nextRun } = await read()
    await moveTo(nextRun)
    expect(await read()).toEqual({
      source: 'gateway',
      enabled: true,
      frequency: '3h',
      lastRun: nextRun,
      nextRun: plus(nextRun, 3 * HOUR_MS),
    })
    const [job] = (await call('GET', '/api/cron')).body.jobs
    expect(job).toMatchObject({ name: 'Heartbeat', agentId, schedule: { kind: 'every', everyMs: 3 * HOUR_MS }, lastRun: nextRun })
    expect(await runsOf(job.id)).toMatchObject([{ outcome: 'answered', scheduledFor: nextRun }])
  })

  test('that is switched off keeps its frequency, and reset it has the defaults again', async () => {
    await call('PUT', '/api/heartbeat', { agentId, frequency: '1h' })
    await call('PUT', '/api/heartbeat', { agentId, enabled: false })
    expect(await read()).toEqual({ source: 'db', enabled: false, frequency: '1h', lastRun: null, nextRun: null })
    await moveBy(2 * HOUR_MS)
    expect(model.requests).toHaveLength(0)
    expect((await call('DELETE', '/api/heartbeat', { agentId })).body).toEqual({ success: true })
    expect(await read()).toMatchObject({ source: 'db', enabled: true, frequency: '30m' })
  })

  test('is not tried again when the model fails: the next beat comes', async () => {
    await call('POST', '/api/heartbeat', { agentId })
    model.script({ kind: 'status', status: 500 })
    await moveTo((await read()).nextRun)
    const [{ id }] = (await call('GET', '/api/cron')).body.jobs
    expect(await runsOf(id)).toMatchObject([{ outcome: 'failed', attempts: 1 }])
  })

  test('is skipped once the trial of the account is over', async () => {
    const stripe = await startTestServer({
      STRIPE_SECRET_KEY: 'sk_test_1',
      OPENAI_COMPATIBLE_BASE_URL: model.url,
      DEFAULT_MODEL: 'local/commands',
    })
    const ended = await stripe.createAccount()
    const { agent } = (await stripe.call('POST', '/api/agents/provision', { key: ended.key, body: { name: 'Clerk' } })).body
    await stripe.call('POST', '/api/heartbeat', { key: ended.key, body: { agentId: agent.id } })
    await setAccount(stripe, ended.id, { trialEndsAt: LONG_AGO })
    const other = await startWorkerServer(stripe, clock)
    await other.settled()
    clock.moveBy(HOUR_MS)
    await other.settled()
    const [{ id }] = (await stripe.call('GET', '/api/cron', ended)).body.jobs
    expect(await stripe.trpc(ended).schedules.runs.query({ scheduleId: id })).toMatchObject([
      { outcome: 'skipped', errorCode: 'PAYMENT_REQUIRED' },
    ])
    await other.stop()
    await stripe.close()
  })
})

describe('a cron job', () => {
  test('by interval asks the oldest agent what its payload says', async () => {
    await call('POST', '/api/agents/provision', { name: 'Second' })
    const job = { name: 'Digest', schedule: { kind: 'every', everyMs: HOUR_MS }, payload: { kind: 'systemEvent', text: 'Sum up.' } }
    expect((await call('POST', '/api/cron', job)).body).toMatchObject({ success: true, source: 'gateway' })
    const listed = (await call('GET', '/api/cron')).body
    expect(listed).toMatchObject({ total: 1, source: 'gateway', jobs: [{ ...job, enabled: true, agentId, lastRun: null }] })
    await moveTo(listed.jobs[0].nextRun)
    expect(await runsOf(listed.jobs[0].id)).toMatchObject([{ outcome: 'answered', reply: 'Echo: Sum up.' }])
    expect((await call('DELETE', `/api/cron?jobId=${listed.jobs[0].id}`)).body).toEqual({ success: true, source: 'gateway' })
    expect((await call('GET', '/api/cron')).body).toEqual({ jobs: [], total: 0, source: 'gateway' })
  })

  test('for an agent of somebody else, or of nobody, is refused', async () => {
    const other = await server.createAccount()
    const job = { name: 'Digest', schedule: { kind: 'cron', expr: '0 19 * * *' }, payload: { text: 'Sum up.' } }
    for (const body of [{ ...job, agentId }, job]) {
      const refused = await server.call('POST', '/api/cron', { key: other.key, body })
      expect(refused).toMatchObject({ status: 400, body: { fields: [{ field: 'agentId' }] } })
    }
  })
})

describe('the time zone of a schedule', () => {
  const zoned = { cronSchedule: '30 6 * * *', timezone: 'Asia/Tokyo' }
  const IN_TOKYO = /T21:30:00.000Z$/

  test('counts for a task, over every transport', async () => {
    const task = await createTask(zoned)
    expect(task).toMatchObject({ ...zoned, nextRun: expect.stringMatching(IN_TOKYO) })
    const input = { name: 'Tides', prompt: 'Post the tides.', agentId, ...zoned }
    expect(await server.trpc(account).schedules.createTask.mutate(input)).toMatchObject({ nextRun: expect.stringMatching(IN_TOKYO) })
    const document = `mutation ($agentId: ID!) {
      createScheduledTask(name: "Tides", prompt: "Post.", agentId: $agentId, cronSchedule: "30 6 * * *", timezone: "Asia/Tokyo") { timezone nextRun }
    }`
    expect((await server.graphql(document, { agentId }, account)).body.data.createScheduledTask).toEqual({
      timezone: 'Asia/Tokyo',
      nextRun: expect.stringMatching(IN_TOKYO),
    })
    await moveTo(task.nextRun)
    expect(await runsOf(task.id)).toMatchObject([{ outcome: 'answered' }])
    expect(await readTask(task.id)).toMatchObject({ nextRun: plus(task.nextRun, DAY_MS) })
  })

  test('is UTC unless somebody says so, and can be changed', async () => {
    const task = await createTask()
    expect(task).toMatchObject({ timezone: 'UTC', nextRun: expect.stringMatching(/T06:30:00.000Z$/) })
    const change = (body: object) => call('PUT', '/api/scheduled-tasks', { taskId: task.id, ...body })
    expect((await change({ timezone: 'Asia/Tokyo' })).body).toMatchObject({ ...zoned, nextRun: expect.stringMatching(IN_TOKYO) })
    expect((await change({ cronSchedule: '0 9 * * *' })).body).toMatchObject({ nextRun: expect.stringMatching(/T00:00:00.000Z$/) })
    expect((await change({ name: 'Ebb' })).body).toMatchObject({
      timezone: 'Asia/Tokyo',
      nextRun: expect.stringMatching(/T00:00:00.000Z$/),
    })
  })

  test('counts for a cron job', async () => {
    const job = { name: 'Digest', payload: { text: 'Sum up.' }, agentId }
    await call('POST', '/api/cron', { ...job, schedule: { kind: 'cron', expr: '30 6 * * *', timezone: 'Asia/Tokyo' } })
    await call('POST', '/api/cron', { ...job, schedule: { kind: 'cron', expr: '30 6 * * *' } })
    const document = '{ cronJobs(first: 2) { edges { node { nextRun schedule { expr timezone } } } } }'
    const { edges } = (await server.graphql(document, {}, account)).body.data.cronJobs
    expect(edges).toMatchObject([
      { node: { schedule: { timezone: 'UTC' } } },
      { node: { nextRun: expect.stringMatching(IN_TOKYO), schedule: { timezone: 'Asia/Tokyo' } } },
    ])
    expect((await call('GET', '/api/cron')).body.jobs[1]).toMatchObject({ schedule: { timezone: 'Asia/Tokyo' } })
  })

  test('that nobody knows is refused, and that of an interval', async () => {
    const refused = (field: string) => ({ status: 400, body: { code: 'INVALID_INPUT', fields: [{ field }] } })
    const task = { name: 'Tides', prompt: 'Post.', agentId, ...zoned, timezone: 'Nowhere/Land' }
    expect(await call('POST', '/api/scheduled-tasks', task)).toMatchObject(refused('timezone'))
    const job = { name: 'Digest', payload: { text: 'Sum up.' }, agentId }
    const cron = { ...job, schedule: { kind: 'cron', expr: '30 6 * * *', timezone: '+02:00' } }
    expect(await call('POST', '/api/cron', cron)).toMatchObject(refused('schedule.timezone'))
    const every = { ...job, schedule: { kind: 'every', everyMs: HOUR_MS, timezone: 'Asia/Tokyo' } }
    expect(await call('POST', '/api/cron', every)).toMatchObject(refused('schedule.timezone'))
  })
})

test.each([
  ['expression', { cronExpression: '99 * * * *' }, 'its time "99 * * * *" (UTC) cannot be read'],
  ['time zone', { timezone: 'Nowhere/Land' }, 'its time "30 6 * * *" (Nowhere/Land) cannot be read'],
])('a schedule whose %s can no longer be read is switched off, and both logs say so', async (_what, stored, reason) => {
  const warn = vi.spyOn(server.platform.log, 'warn')
  const [broken, good] = [await createTask({ name: 'Broken' }), await createTask({ name: 'Good' })]
  await server.platform.databases.system.updateTable('schedules').set(stored).where('id', '=', broken.id).execute()
  await moveTo(broken.nextRun)
  expect(await readTask(broken.id)).toMatchObject({ enabled: false, nextRun: null })
  expect(await readTask(good.id)).toMatchObject({ enabled: true, nextRun: plus(good.nextRun, DAY_MS) })
  const { logs } = await server.trpc(account).agents.logs.query({ agentId })
  expect(logs.filter(({ level }) => level === 'warn')).toMatchObject([
    { message: expect.stringContaining(`The schedule "Broken" was switched off: ${reason}`) },
  ])
  expect(warn).toHaveBeenCalledWith(
    expect.objectContaining({ scheduleId: broken.id, agentId, reason: expect.stringContaining(reason) }),
    'a schedule was switched off',
  )
  warn.mockRestore()
})

/** A pattern where a text is only known by its shape. */
function known<T extends { messageId: RegExp }>(run: T) {
  return { ...run, messageId: expect.stringMatching(run.messageId) }
}
