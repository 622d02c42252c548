import fc from 'fast-check'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { checkLedger } from '../../../server/money/billing/ledger-check.service.ts'
import { LedgerModel, type Step } from '../../helpers/ledger-model.ts'
import { startTestServer, type TestServer } from '../../helpers/test-server.ts'

vi.setConfig({ testTimeout: 120_000 })

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.close())

const which = fc.nat({ max: 7 })
const microUsd = fc.integer({ min: 1, max: 4_000_000 })
const act = fc.oneof(
  fc.record({ do: fc.constant('credit' as const), which, microUsd }),
  fc.record({ do: fc.constant('reserve' as const), which, microUsd }),
  fc.record({ do: fc.constant('settle' as const), which, microUsd }),
  fc.record({ do: fc.constant('release' as const), which }),
  fc.record({ do: fc.constant('open' as const), which, cents: fc.integer({ min: 100, max: 1500 }) }),
  { weight: 3, arbitrary: fc.record({ do: fc.constant('authorize' as const), which, microUsd }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('capture' as const), which }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('giveBack' as const), which }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('submit' as const), which }) },
  fc.record({ do: fc.constant('pay' as const), which, microUsd }),
  fc.record({ do: fc.constant('settleDue' as const) }),
  fc.record({ do: fc.constant('refund' as const) }),
  fc.record({ do: fc.constant('close' as const), which }),
  fc.record({ do: fc.constant('tidy' as const) }),
  { weight: 3, arbitrary: fc.record({ do: fc.constant('spend' as const), which, microUsd }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('settleSpent' as const), which }) },
  fc.record({ do: fc.constant('giveBackSpent' as const), which }),
  fc.record({ do: fc.constant('kill' as const), which }),
  fc.record({ do: fc.constant('bury' as const) }),
)
/** After how many statements the server that does it dies; undefined when it lives. */
const dies = fc.option(fc.nat({ max: 9 }), { nil: undefined, freq: 4 })
const step: fc.Arbitrary<Step> = fc.record({ act, dies, isAnswerLost: fc.nat({ max: 9 }).map((of) => of === 0) })

test('whatever is done at the same time and wherever servers die, not a cent is lost or made, and no budget is passed', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(step, { minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 8 }), async (rounds) => {
      const bank = await LedgerModel.open(server.platform)
      for (const steps of rounds) {
        await Promise.all(steps.map((each) => bank.take(each)))
        await bank.check()
      }
      await bank.finish()
      await expectBooksToAgree()
    }),
    { numRuns: 60 },
  )
})

/** What holds for the whole database, whoever did what before. */
async function expectBooksToAgree(): Promise<void> {
  const { rows } = await sql`
    select (select coalesce(sum(balance), 0) from ledger_books where id = 'revenue')::int8
        - (select coalesce(sum(settled_micro_usd), 0) from payment_sessions)::int8
        - (select coalesce(sum(taken_micro_usd), 0) from ledger_holds)::int8
        - (select coalesce(sum(amount_micro_usd), 0) from chain_payments where refunded_at is null)::int8 as "unexplainedRevenue"`.execute(
    server.platform.databases.system,
  )
  expect(rows).toEqual([{ unexplainedRevenue: 0 }])
  expect((await checkLedger(server.platform.databases.system)).problems).toEqual([])
}
