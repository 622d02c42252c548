import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { plans } from '../../../server/money/billing/plans.ts'
import { TestClock } from '../../helpers/test-clock.ts'
import { seedAccount } from '../../helpers/seed.ts'
import { startTestServer, type TestAccount, type TestServer } from '../../helpers/test-server.ts'
import { startWorkerServer } from '../../helpers/worker-server.ts'

let server: TestServer
let account: TestAccount
let agentId: string
beforeAll(async () => void (server = await startTestServer({ DEFAULT_MODEL: 'local/commands', SELF_HOSTED_PLAN: 'solo' })))
afterAll(() => server.close())
beforeEach(async () => {
  ;({ account, agentId } = await seedAccount(server))
})

const { schedules: LIMIT, minScheduleSeconds } = plans.solo
const MIN_MS = minScheduleSeconds * 1000

const call = (method: string, path: string, body?: unknown) => server.call(method, path, { key: account.key, body })
const createTask = (cronSchedule = '30 6 * * *') =>
  call('POST', '/api/scheduled-tasks', { name: 'Tides', cronSchedule, prompt: 'Post the tides.', agentId })
const createCronJob = (schedule: Record<string, unknown>) =>
  call('POST', '/api/cron', { name: 'Digest', schedule, payload: { text: 'Sum up.' }, agentId })

describe('the number of schedules', () => {
  test('is that of the plan, also for callers that come at once', async () => {
    const answers = await Promise.all(
      Array.from({ length: LIMIT + 10 }, (_, index) => (index % 2 ? createTask() : createCronJob({ kind: 'cron', expr: '30 6 * * *' }))),
    )
    expect(answers.filter(({ status }) => status < 300)).toHaveLength(LIMIT)
    const refused = answers.filter(({ status }) => status >= 300)
    expect(refused).toHaveLength(10)
    for (const { status, body } of refused)
      expect({ status, body }).toMatchObject({ status: 429, body: { code: 'SCHEDULE_LIMIT_REACHED', current: LIMIT, limit: LIMIT } })
  })

  test('does not count heartbeats, and one that is deleted makes room', async () => {
    await call('PUT', '/api/heartbeat', { agentId, frequency: '1h' })
    const created = await Promise.all(Array.from({ length: LIMIT }, () => createTask()))
    expect((await createTask()).status).toBe(429)
    await call('DELETE', '/api/scheduled-tasks', { taskId: created[0]!.body.id })
    expect((await createTask()).status).toBe(201)
  })
})

describe('the least time between two runs', () => {
  test.each([
    { schedule: { kind: 'every', everyMs: 1000 }, field: 'schedule.everyMs', current: 1000 },
    { schedule: { kind: 'every', everyMs: MIN_MS - 1 }, field: 'schedule.everyMs', current: MIN_MS - 1 },
    { schedule: { kind: 'cron', expr: '* * * * * *' }, field: 'schedule.expr', current: 1000 },
    { schedule: { kind: 'cron', expr: '0,59 0 12 * * *' }, field: 'schedule.expr', current: 59_000 },
    { schedule: { kind: 'cron', expr: '0,59 * 1 1 * *' }, field: 'schedule.expr', current: 1000 },
  ])('is that of the plan: $schedule is refused', async ({ schedule, field, current }) => {
    expect(await createCronJob(schedule)).toMatchObject({
      status: 400,
      body: { code: 'SCHEDULE_TOO_FREQUENT', fields: [{ field }], current, limit: MIN_MS },
    })
  })

  test.each([
    { kind: 'every', everyMs: MIN_MS },
    { kind: 'cron', expr: '* * * * *' },
    { kind: 'cron', expr: '30 * * * * *' },
  ])('is that of the plan: %j is taken', async (schedule) => {
    expect((await createCronJob(schedule)).body).toMatchObject({ success: true })
  })

  test('holds for a task that is changed', async () => {
    const { body } = await createTask()
    const change = await call('PUT', '/api/scheduled-tasks', { taskId: body.id, cronSchedule: '*/10 * * * * *' })
    expect(change).toMatchObject({ status: 400, body: { code: 'SCHEDULE_TOO_FREQUENT', fields: [{ field: 'cronSchedule' }] } })
  })

  test('slows down a schedule that was saved before there was one', async () => {
    const system = server.platform.databases.system
    const clock = new TestClock()
    clock.moveTo(new Date(Math.ceil(Date.now() / 3_600_000) * 3_600_000 + 3_600_000))
    const due = clock.now().toISOString()
    const row = { accountId: account.id, agentId, kind: 'cron', name: 'Old', prompt: 'calculate 2 + 2', nextRunAt: due }
    await system
      .insertInto('schedules')
      .values([
        { ...row, id: 'cron_every', everyMs: 1000 },
        { ...row, id: 'cron_expression', cronExpression: '* * * * * *' },
      ])
      .execute()
    const worker = await startWorkerServer(server, clock)
    await worker.settled()
    await worker.stop()
    const moved = await system.selectFrom('schedules').where('accountId', '=', account.id).select('nextRunAt').execute()
    for (const { nextRunAt } of moved) {
      const waits = Date.parse(nextRunAt!) - Date.parse(due)
      expect(waits).toBeGreaterThanOrEqual(MIN_MS)
      expect(waits).toBeLessThan(MIN_MS + 1000)
    }
  })
})
