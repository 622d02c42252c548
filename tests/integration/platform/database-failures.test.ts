import { afterAll, beforeAll, expect, test } from 'vitest'
import { toAppError } from '../../../server/platform/core/errors.ts'
import { inTransaction } from '../../../server/platform/core/transaction.ts'
import { startTestServer, type TestServer } from '../../helpers/test-server.ts'
import { retryConflicts } from '../../../db/conflicts.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.close())

const failureOf = async (work: Promise<unknown>) =>
  toAppError(
    await work.then(
      () => undefined,
      (error: unknown) => error,
    ),
  )

test('what refers to something that is gone is a 404, and what would leave something without its owner is our mistake', async () => {
  const { system } = server.platform.databases
  const { id: accountId, key } = await server.createAccount()
  await server.call('POST', '/api/agents', { key, body: { name: 'Harbour Desk' } })
  const orphan = { accountId, agentId: 'deleted-meanwhile', key: 'openai', sealedValue: 'sealed' }
  expect(await failureOf(system.insertInto('agentCredentials').values(orphan).execute())).toMatchObject({
    status: 404,
    code: 'GONE_MEANWHILE',
  })
  const renamed = system.updateTable('accounts').set({ id: 'someone-else' }).where('id', '=', accountId).execute()
  expect(await failureOf(renamed)).toMatchObject({ status: 500 })
})

test.runIf(process.env.TEST_DATABASE_URL)('of two that wait for each other both get their way', async () => {
  const { system } = server.platform.databases
  const [one, other] = [await server.createAccount(), await server.createAccount()]
  const bothHoldOne = Promise.withResolvers<void>()
  let attempts = 0
  const rename = (first: string, second: string, name: string) =>
    inTransaction(system, async (db) => {
      await db.updateTable('accounts').set({ name }).where('id', '=', first).execute()
      if (++attempts === 2) bothHoldOne.resolve()
      await bothHoldOne.promise
      await db.updateTable('accounts').set({ name }).where('id', '=', second).execute()
    })
  await Promise.all([rename(one.id, other.id, 'Ada'), rename(other.id, one.id, 'Ines')])
  expect(attempts).toBe(3)
  const names = await system.selectFrom('accounts').where('id', 'in', [one.id, other.id]).select('name').execute()
  expect(new Set(names.map(({ name }) => name)).size).toBe(1)
})

test('work that loses to others every time is a 503 that says when to come back', async () => {
  let attempts = 0
  const work = () => Promise.reject(Object.assign(new Error('deadlock detected'), { code: '40P01', attempt: ++attempts }))
  expect(await failureOf(retryConflicts(work))).toMatchObject({
    status: 503,
    code: 'CONCURRENT_CHANGES',
    details: { retryAfterSeconds: 1 },
  })
  expect(attempts).toBe(10)
})
