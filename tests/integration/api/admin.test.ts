import { afterAll, beforeAll, expect, test } from 'vitest'
import { createOperator, OPERATOR } from '../../contract/contract-server.ts'
import { subscriptionClient, Watch } from '../../helpers/subscription.ts'
import { startTestServer, type TestAccount, type TestServer } from '../../helpers/test-server.ts'

let server: TestServer
let operator: TestAccount
let admin: ReturnType<TestServer['trpc']>['admin']

beforeAll(async () => {
  server = await startTestServer({ ADMIN_EMAILS: OPERATOR })
  operator = await createOperator(server)
  admin = server.trpc({ cookie: operator.cookie }).admin
})
afterAll(() => server.close())

/** Somebody who watches an agent of theirs, with their session and with their key. */
async function watcher() {
  const account = await server.createAccount()
  const { agent } = (await server.call('POST', '/api/agents/provision', { key: account.key, body: { name: 'Atlas' } })).body
  const watch = (headers: Record<string, string>) => {
    const client = subscriptionClient(server.url, headers)
    return new Watch((handlers) => client.agents.events.subscribe({ agentId: agent.id }, handlers as never))
  }
  const bySession = watch({ cookie: account.cookie })
  const byKey = watch({ authorization: `Bearer ${account.key}` })
  await Promise.all([bySession, byKey].map((each) => each.until((events) => events.length > 0)))
  return { account, bySession, byKey }
}

const statusOf = async (account: TestAccount, credential: 'cookie' | 'key') =>
  (await server.call('GET', '/api/agents', { [credential]: account[credential] })).status

test('people who do not operate the server get nothing of it, and the try is told', async () => {
  const other = await server.createAccount()
  await expect(server.trpc({ cookie: other.cookie }).admin.people.query({})).rejects.toMatchObject({ data: { appCode: 'ADMIN_REQUIRED' } })
  await expect(server.trpc({ cookie: other.cookie }).admin.suspendPerson.mutate({ userId: operator.id })).rejects.toMatchObject({
    data: { appCode: 'ADMIN_REQUIRED' },
  })
  await expect(server.trpc({ key: operator.key }).admin.people.query({})).rejects.toMatchObject({ data: { appCode: 'SESSION_REQUIRED' } })
  const { events } = await admin.events.query({ limit: 1 })
  expect(events[0]).toMatchObject({ action: 'admin.suspendPerson', outcome: 'denied', actor: { id: other.id } })
})

test('a suspended person is out at once: session, key and open streams; later they come in again by signing in', async () => {
  const { account, bySession, byKey } = await watcher()
  await admin.suspendPerson.mutate({ userId: account.id })
  for (const stream of [bySession, byKey]) expect((await stream.ended)?.data?.appCode).toBe('ACCESS_ENDED')
  expect([await statusOf(account, 'cookie'), await statusOf(account, 'key')]).toEqual([401, 401])
  const signIn = () => server.call('POST', '/api/auth/login', { body: { email: account.email, password: account.password } })
  expect((await signIn()).body).toMatchObject({ code: 'SUSPENDED' })
  expect((await admin.people.query({ search: account.email })).people).toMatchObject([
    { id: account.id, isSuspended: true, lastSeenAt: null },
  ])

  await admin.unsuspendPerson.mutate({ userId: account.id })
  expect((await signIn()).status).toBe(200)
  expect(await statusOf(account, 'key')).toBe(200)
  const { events } = (await server.call('GET', '/api/audit?action=admin.suspendPerson', { key: account.key })).body
  expect(events).toMatchObject([{ actor: { type: 'admin', id: operator.id }, targets: [{ type: 'user', id: account.id }] }])
})

test('a closed workspace ends the streams of its members and its keys', async () => {
  const { account, bySession, byKey } = await watcher()
  await admin.suspendWorkspace.mutate({ accountId: account.id })
  for (const stream of [bySession, byKey]) expect((await stream.ended)?.data?.appCode).toBe('ACCESS_ENDED')
  expect([await statusOf(account, 'cookie'), await statusOf(account, 'key')]).toEqual([401, 401])
  await admin.unsuspendWorkspace.mutate({ accountId: account.id })
  expect([await statusOf(account, 'cookie'), await statusOf(account, 'key')]).toEqual([200, 200])
})

test('signing somebody out everywhere ends their sessions, and leaves their keys', async () => {
  const { account, bySession, byKey } = await watcher()
  await admin.signOutPerson.mutate({ userId: account.id })
  expect((await bySession.ended)?.data?.appCode).toBe('ACCESS_ENDED')
  expect([await statusOf(account, 'cookie'), await statusOf(account, 'key')]).toEqual([401, 200])
  byKey.stop()
})

test('signing out ends the streams of that session', async () => {
  const { account, bySession, byKey } = await watcher()
  await server.call('POST', '/api/auth/signout', { cookie: account.cookie })
  expect((await bySession.ended)?.data?.appCode).toBe('ACCESS_ENDED')
  byKey.stop()
})

test('nobody suspends themselves, or who is not there', async () => {
  const code = (data: string) => ({ data: { appCode: data } })
  await expect(admin.suspendPerson.mutate({ userId: operator.id })).rejects.toMatchObject(code('OWN_ACCOUNT'))
  await expect(admin.suspendWorkspace.mutate({ accountId: operator.id })).rejects.toMatchObject(code('OWN_ACCOUNT'))
  await expect(admin.signOutPerson.mutate({ userId: 'usr_nobody' })).rejects.toMatchObject(code('PERSON_NOT_FOUND'))
  await expect(admin.setPlan.mutate({ accountId: 'usr_nobody', plan: 'label' })).rejects.toMatchObject(code('WORKSPACE_NOT_FOUND'))
})

test('a plan is changed, unless the workspace pays for one', async () => {
  const account = await server.createAccount()
  await admin.setPlan.mutate({ accountId: account.id, plan: 'label' })
  expect((await admin.workspaces.query({ search: account.id })).workspaces).toMatchObject([{ plan: 'label', subscriptionStatus: 'active' }])
  expect((await admin.events.query({ limit: 1 })).events[0]!.changes).toContainEqual({
    field: 'plan',
    before: expect.any(String),
    after: 'label',
  })
  await server.platform.databases.system
    .updateTable('accounts')
    .set({ stripeSubscriptionId: 'sub_1' })
    .where('id', '=', account.id)
    .execute()
  await expect(admin.setPlan.mutate({ accountId: account.id, plan: 'solo' })).rejects.toMatchObject({
    data: { appCode: 'HAS_SUBSCRIPTION' },
  })
})

test('a job that was given up is tried again, once', async () => {
  const account = await server.createAccount()
  const values = { accountId: account.id, type: 'nothing-does-this', status: 'failed', attempts: 3, maxAttempts: 3, payload: '{}' }
  const at = new Date().toISOString()
  await server.platform.databases.system
    .insertInto('jobs')
    .values({ ...values, id: 'job_given_up', runAt: at, completedAt: at, error: 'it broke' })
    .execute()
  expect((await admin.failedJobs.query({})).jobs).toMatchObject([{ id: 'job_given_up', error: 'it broke', attempts: 3 }])
  await admin.retryJob.mutate({ jobId: 'job_given_up' })
  expect((await admin.failedJobs.query({})).jobs).toEqual([])
  await expect(admin.retryJob.mutate({ jobId: 'job_given_up' })).rejects.toMatchObject({ data: { appCode: 'FAILED_JOB_NOT_FOUND' } })
})
