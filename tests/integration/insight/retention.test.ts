import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { plans } from '../../../server/money/billing/plans.ts'
import { forgetOldMessages } from '../../../server/chat/conversations/retention.service.ts'
import { forgetOldJobs } from '../../../server/automation/jobs/jobs.service.ts'
import { forgetOldUsage } from '../../../server/insight/usage/retention.service.ts'
import { startTestServer, type TestAccount, type TestServer } from '../../helpers/test-server.ts'

let server: TestServer
let account: TestAccount
let agentId: string
beforeAll(async () => {
  server = await startTestServer({
    SELF_HOSTED_PLAN: 'solo',
    MESSAGE_RETENTION_DAYS: '90',
    RUN_RETENTION_DAYS: '7',
    USAGE_RETENTION_DAYS: '100',
  })
})
afterAll(() => server.close())
beforeEach(async () => {
  account = await server.createAccount()
  agentId = (await server.call('POST', '/api/agents/provision', { key: account.key, body: { name: 'Clerk' } })).body.agent.id
})

const run = (statement: ReturnType<typeof sql>) => statement.execute(server.platform.databases.system)

const idsIn = async (table: string): Promise<string[]> => {
  const { rows } = await sql<{ id: string }>`select id from ${sql.table(table)} where account_id = ${account.id} order by id`.execute(
    server.platform.databases.system,
  )
  return rows.map(({ id }) => id)
}

const insertMessages = (prefix: string, count: number, daysAgo: number) =>
  run(sql`
    insert into messages (id, account_id, agent_id, sender, content, platform, created_at)
    select ${prefix} || lpad(number::text, 7, '0'), ${account.id}, ${agentId}, 'user', 'x', 'api', now() - make_interval(days => ${daysAgo}::int)
    from generate_series(1, ${count}::int) as number`)

test('messages are kept as long as the operator says', async () => {
  await insertMessages('msg_a', 1200, 91)
  await insertMessages('msg_b', 3, 89)
  await forgetOldMessages(server.platform)
  expect(await idsIn('messages')).toEqual(['msg_b0000001', 'msg_b0000002', 'msg_b0000003'])
})

test('of the messages of an account the newest are kept, as many as the plan has room for', async () => {
  await insertMessages('msg_a', plans.solo.messages + 3, 0)
  await forgetOldMessages(server.platform)
  const kept = await idsIn('messages')
  expect(kept).toHaveLength(plans.solo.messages)
  expect(kept[0]).toBe('msg_a0000004')
})

test('a thousand sessions of an agent are kept, those that were used last, and their messages stay', async () => {
  await run(sql`
    insert into conversation_sessions (id, account_id, agent_id, status, last_activity_at)
    select 'sess_' || lpad(number::text, 4, '0'), ${account.id}, ${agentId}, case when number = 1 then 'active' else 'idle' end,
      now() - interval '1 day' + make_interval(secs => number)
    from generate_series(1, 1005) as number`)
  await insertMessages('msg_a', 1, 0)
  await run(sql`update messages set session_id = 'sess_0002' where account_id = ${account.id}`)
  await forgetOldMessages(server.platform)
  const kept = await idsIn('conversation_sessions')
  expect(kept).toHaveLength(1001)
  expect(kept.slice(0, 2)).toEqual(['sess_0001', 'sess_0006'])
  expect(await idsIn('messages')).toHaveLength(1)
})

test('jobs are kept as long as the operator says, and the newest thousand', async () => {
  const insertJobs = (prefix: string, count: number, daysAgo: number, status: string) =>
    run(sql`
      insert into jobs (id, account_id, type, status, max_attempts, run_at, completed_at)
      select ${prefix} || lpad(number::text, 4, '0'), ${account.id}, 'nothing', ${status}, 1, now(),
        case when ${status} = 'completed' then now() - make_interval(days => ${daysAgo}::int) end
      from generate_series(1, ${count}::int) as number`)
  await insertJobs('job_a', 600, 8, 'completed')
  await insertJobs('job_b', 1002, 6, 'completed')
  await insertJobs('job_c', 2, 0, 'queued')
  await forgetOldJobs(server.platform)
  const kept = await idsIn('jobs')
  expect(kept).toHaveLength(1002)
  expect(kept[0]).toBe('job_b0003')
})

test('single model calls are kept as long as the operator says', async () => {
  for (const [id, daysAgo] of [
    ['use_a', 101],
    ['use_b', 99],
  ] as const)
    await run(sql`
      insert into usage_events (id, account_id, provider, model, outcome, latency_ms, created_at)
      values (${id}, ${account.id}, 'local', 'local/commands', 'ok', 1, now() - make_interval(days => ${daysAgo}::int))`)
  await forgetOldUsage(server.platform)
  expect(await idsIn('usage_events')).toEqual(['use_b'])
})

test('at most a hundred jobs of an account wait, and who comes at once with twenty others is told so', async () => {
  await run(sql`
    insert into jobs (id, account_id, type, status, max_attempts, run_at)
    select 'job_open' || lpad(number::text, 4, '0'), ${account.id}, 'nothing', 'queued', 1, now() from generate_series(1, 97) as number`)
  const enqueue = () => server.call('POST', '/api/gateway/chat', { key: account.key, body: { message: 'calculate 2 + 2' } })
  const answers = await Promise.all(Array.from({ length: 20 }, enqueue))
  const refused = answers.filter(({ status }) => status === 429)
  // Those that are queued may have ended before the next one is counted.
  expect(refused.length).toBeGreaterThan(0)
  for (const { body } of refused) expect(body).toMatchObject({ code: 'JOB_LIMIT_REACHED', current: 100, limit: 100 })
})
