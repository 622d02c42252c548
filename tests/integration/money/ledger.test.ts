import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  chainPayment,
  recordIncome,
  releaseExpiredHolds,
  releaseHold,
  reserveCredits,
  settleHold,
} from '../../../server/money/billing/ledger.service.ts'
import type { AccountId } from '../../../server/platform/core/context.ts'
import { bookOf, payIn } from '../../helpers/ledger.ts'
import { startTestServer, type TestServer } from '../../helpers/test-server.ts'

const USD = 1_000_000
let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.close())

async function accountWith(microUsd: number): Promise<AccountId> {
  const { id } = await server.createAccount()
  if (microUsd > 0) await payIn(server.platform, id, microUsd)
  return id as AccountId
}

const reserve = (accountId: AccountId, microUsd: number) => reserveCredits(server.platform, accountId, microUsd, 'test')

async function booksOf(accountId: AccountId): Promise<{ balance: number; held: number }> {
  return { balance: await bookOf(server.platform, `credits:${accountId}`), held: await bookOf(server.platform, `held:${accountId}`) }
}

const revenue = () => bookOf(server.platform, 'revenue')
const outcomes = (settled: PromiseSettledResult<unknown>[]) => ({
  fulfilled: settled.filter(({ status }) => status === 'fulfilled').length,
  codes: [...new Set(settled.flatMap((result) => (result.status === 'rejected' ? [(result.reason as { code: string }).code] : [])))],
})

describe('a hold', () => {
  test('sets money aside, takes what the work cost and gives the rest back', async () => {
    const account = await accountWith(3 * USD)
    const before = await revenue()
    const hold = await reserve(account, 2 * USD)
    expect(hold).toMatch(/^hold_/)
    expect(await booksOf(account)).toEqual({ balance: 1 * USD, held: 2 * USD })
    await settleHold(server.platform, hold, 12_345)
    expect(await booksOf(account)).toEqual({ balance: 3 * USD - 12_345, held: 0 })
    expect((await revenue()) - before).toBe(12_345)
  })

  test('takes at most what was set aside', async () => {
    const account = await accountWith(3 * USD)
    await settleHold(server.platform, await reserve(account, 2 * USD), 50 * USD)
    expect(await booksOf(account)).toEqual({ balance: 1 * USD, held: 0 })
  })

  test('that the balance does not cover is refused, with what there is and what is needed', async () => {
    const account = await accountWith(1_500_000)
    await expect(reserve(account, 2 * USD)).rejects.toMatchObject({
      status: 402,
      code: 'INSUFFICIENT_CREDITS',
      details: { balance: '1.50', needed: '2.00' },
    })
    await expect(reserve(await accountWith(0), 1)).rejects.toMatchObject({ details: { balance: '0.00', needed: '0.000001' } })
    expect(await booksOf(account)).toEqual({ balance: 1_500_000, held: 0 })
  })

  test('of nothing is possible, and takes nothing', async () => {
    const account = await accountWith(0)
    await settleHold(server.platform, await reserve(account, 0), 5)
    expect(await booksOf(account)).toEqual({ balance: 0, held: 0 })
  })

  test('many at once do not take more than there is', async () => {
    const account = await accountWith(10 * USD)
    const holds = await Promise.allSettled(Array.from({ length: 30 }, () => reserve(account, 1 * USD)))
    expect(outcomes(holds)).toEqual({ fulfilled: 10, codes: ['INSUFFICIENT_CREDITS'] })
    expect(await booksOf(account)).toEqual({ balance: 0, held: 10 * USD })
  })

  test('many of several accounts can begin and end at once', async () => {
    const accounts = await Promise.all([1, 2, 3].map(() => accountWith(20 * USD)))
    const work = Array.from({ length: 60 }, async (_, index) => {
      const hold = await reserve(accounts[index % 3]!, 1 * USD)
      if (index % 2 === 0) await settleHold(server.platform, hold, 250_000)
      else await releaseHold(server.platform, hold)
    })
    await Promise.all(work)
    for (const account of accounts) expect(await booksOf(account)).toEqual({ balance: 20 * USD - 10 * 250_000, held: 0 })
  })

  test('ends once, in one way, whoever tries', async () => {
    const account = await accountWith(3 * USD)
    const hold = await reserve(account, 2 * USD)
    const ends = await Promise.allSettled([
      ...Array.from({ length: 5 }, () => settleHold(server.platform, hold, 1 * USD)),
      ...Array.from({ length: 5 }, () => releaseHold(server.platform, hold)),
    ])
    expect(outcomes(ends)).toEqual({ fulfilled: 5, codes: ['HOLD_ENDED'] })
    const { balance, held } = await booksOf(account)
    expect(held).toBe(0)
    expect([2 * USD, 3 * USD]).toContain(balance)
  })

  test('that was settled cannot be settled with another sum', async () => {
    const hold = await reserve(await accountWith(3 * USD), 2 * USD)
    await settleHold(server.platform, hold, 1)
    await settleHold(server.platform, hold, 1)
    await expect(settleHold(server.platform, hold, 2)).rejects.toMatchObject({ code: 'HOLD_ENDED' })
  })

  test('nobody ends is given back when its time is over', async () => {
    const account = await accountWith(3 * USD)
    const hold = await reserve(account, 2 * USD)
    await releaseExpiredHolds(server.platform)
    expect((await booksOf(account)).held).toBe(2 * USD)
    const { system } = server.platform.databases
    await sql`update ledger_holds set expires_at = now() where id = ${hold}`.execute(system)
    await releaseExpiredHolds(server.platform)
    expect(await booksOf(account)).toEqual({ balance: 3 * USD, held: 0 })
  })

  test('there is not cannot end', async () => {
    await expect(releaseHold(server.platform, 'hold_none')).rejects.toMatchObject({ code: 'HOLD_NOT_FOUND' })
  })
})

describe('income', () => {
  const book = (txHash: string, accountId: AccountId | null) =>
    server.platform.databases.system
      .transaction()
      .execute((db) => recordIncome(db, { ...chainPayment(4217, txHash), amountMicroUsd: USD, reason: 'test', accountId }))

  test('is booked once, however often it is reported, and for whom', async () => {
    const [one, other] = [await accountWith(0), await accountWith(0)]
    const hash = `0x${'aB'.repeat(32)}`
    const before = await revenue()
    const booked = await Promise.all([book(hash, one), book(hash.toLowerCase(), other), book(hash, null), book(hash, one)])
    expect(booked.filter(Boolean)).toHaveLength(1)
    const total = (await booksOf(one)).balance + (await booksOf(other)).balance + (await revenue()) - before
    expect(total).toBe(USD)
    expect(await bookOf(server.platform, 'chain:4217')).toBe(-USD)
  })

  test('is shown as credits, with what they have after the point', async () => {
    const { id, key } = await server.createAccount()
    await payIn(server.platform, id, 12_500)
    expect((await server.call('GET', '/api/settings', { key })).body.credits).toBe(0.0125)
  })
})

describe('the database', () => {
  test.each([
    ['a transaction that does not sum to zero', `insert into ledger_entries values ('t1', 'revenue', 5, 'test')`, /does not sum to zero/],
    ['a change of what was booked', `update ledger_entries set amount = 1`, /only ever appended/],
    ['forgetting what was booked', `delete from ledger_entries`, /only ever appended/],
    ['forgetting it all at once', `truncate ledger_entries`, /only ever appended/],
    ['forgetting it with its books', `truncate ledger_books cascade`, /only ever appended/],
    ['a balance that is no sum of entries', `update ledger_books set balance = balance + 1`, /by its entries only/],
    ['a book that begins with money', `insert into ledger_books values ('gift', null, 'usd-micro', 5)`, /by its entries only/],
    ['a book of another owner', `update ledger_books set account_id = null`, /by its entries only/],
    [
      'holds that are not in the books',
      `insert into ledger_holds (id, account_id, amount_micro_usd, reason, expires_at) select 'h', id, 5, 'test', now() from accounts limit 1`,
      /not what its book holds/,
    ],
    [
      'a deposit that is not in the books',
      `insert into payment_sessions (id, account_id, address, deposit_micro_usd) select 'ses_1', id, '0x' || repeat('0', 40), 1000000 from accounts limit 1`,
      /do not agree/,
    ],
    [
      'a balance below zero',
      `insert into ledger_entries select 't2', id, case when id = 'revenue' then 1 else -1 end * 999000000000, 'test' from ledger_books
       where id = 'revenue' or id = (select min(id) from ledger_books where id like 'credits:%')`,
      /ledger_books_check/,
    ],
  ])('refuses %s', async (_what, statement, message) => {
    await reserve(await accountWith(USD), 1)
    await settleHold(server.platform, await reserve(await accountWith(USD), 1), 1)
    await expect(sql.raw(statement).execute(server.platform.databases.system)).rejects.toThrow(message)
  })
})
