import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { checkLedger } from '../../../server/money/billing/ledger-check.service.ts'
import { reserveCredits } from '../../../server/money/billing/ledger.service.ts'
import type { AccountId, Platform } from '../../../server/platform/core/context.ts'
import { payIn } from '../../helpers/ledger.ts'
import { startTestServer, type TestServer } from '../../helpers/test-server.ts'

const USD = 1_000_000
let server: TestServer
let account: AccountId
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.close())
beforeEach(async () => {
  account = (await server.createAccount()).id as AccountId
  await payIn(server.platform, account, 5 * USD)
  await reserveCredits(server.platform, account, 2 * USD, 'test')
})

/** What the check finds after statements that somebody ran who switched the triggers off first; nothing of it stays. */
async function problemsAfter({ databases }: Platform, ...statements: string[]) {
  let found: { subject: string; problem: string }[] = []
  const undo = new Error('undo')
  const tampering = databases.system.transaction().execute(async (db) => {
    for (const table of ['ledger_entries', 'ledger_books', 'ledger_holds'])
      await sql.raw(`alter table ${table} disable trigger user`).execute(db)
    for (const statement of statements) await sql.raw(statement).execute(db)
    for (const table of ['ledger_entries', 'ledger_books', 'ledger_holds'])
      await sql.raw(`alter table ${table} enable trigger user`).execute(db)
    found = (await checkLedger(asRoot(db))).problems
    throw undo
  })
  await expect(tampering).rejects.toBe(undo)
  return found
}

/** The check opens a transaction of its own; here it runs in the one of the test. */
const asRoot = <Db extends object>(db: Db): Db =>
  Object.assign(Object.create(db) as Db, {
    transaction: () => ({ setIsolationLevel: () => ({ execute: (run: (db: Db) => unknown) => run(db) }) }),
  })

test('books that are right are counted, and nothing is found', async () => {
  const { problems, books, transactions, entries } = await checkLedger(server.platform.databases.system)
  expect(problems).toEqual([])
  expect(books).toBeGreaterThanOrEqual(3)
  expect(entries).toBe(2 * transactions)
})

describe('the check finds', () => {
  test('a balance its entries do not say', async () => {
    const found = await problemsAfter(server.platform, `update ledger_books set balance = balance + 1 where id = 'credits:${account}'`)
    expect(found).toEqual([{ subject: `credits:${account}`, problem: `holds ${3 * USD + 1}, its entries say ${3 * USD}` }])
  })

  test('an entry that is gone', async () => {
    const found = await problemsAfter(server.platform, `delete from ledger_entries where book_id = 'credits:${account}' and amount > 0`)
    expect(found).toContainEqual({ subject: `credits:${account}`, problem: `holds ${3 * USD}, its entries say ${-2 * USD}` })
    expect(found.some(({ problem }) => problem === `does not sum to zero but to ${-5 * USD}`)).toBe(true)
  })

  test('holds that are not what their book says', async () => {
    const found = await problemsAfter(server.platform, `update ledger_holds set amount_micro_usd = 1 where account_id = '${account}'`)
    expect(found).toEqual([{ subject: `held:${account}`, problem: `holds ${2 * USD}, the open holds are 1` }])
  })

  test('a trigger that was switched off, or is not there', async () => {
    const found = await problemsAfter(server.platform, 'drop trigger ledger_entries_kept on ledger_entries', 'select 1')
    expect(found).toEqual([{ subject: 'ledger_entries_kept', problem: 'is a trigger that is not there, or is switched off' }])
  })

  test('a payment on a chain that is in no book', async () => {
    const row = `'pay_lost', '${account}', 'c', '0x${'ab'.repeat(32)}', '0x${'1'.repeat(40)}', 'agent', 5, 1, 'confirmed', now()`
    const found = await problemsAfter(
      server.platform,
      `insert into chain_payments (id, account_id, challenge_id, tx_hash, payer, plugin, amount_micro_usd, chain_id, state, confirmed_at) values (${row})`,
    )
    expect(found).toEqual([{ subject: 'pay_lost', problem: 'is a payment on a chain that arrived and is in no book' }])
  })
})
