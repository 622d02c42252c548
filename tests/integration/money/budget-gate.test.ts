import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Databases } from '../../../db/client.ts'
import type { AccountId } from '../../../server/platform/core/context.ts'
import { NOTHING } from '../../../server/money/budgets/index.ts'
import {
  bury,
  dailyUnits,
  exactly,
  insertAccount,
  insertBudget,
  periodsOf,
  startBudgetServer,
  tokens,
  type BudgetServer,
} from '../../helpers/budget-servers.ts'
import { openTestDatabase } from '../../helpers/test-database.ts'

vi.setConfig({ testTimeout: 60_000 })

let databases: Databases
let accountId: AccountId
let one: BudgetServer
let other: BudgetServer
beforeAll(async () => {
  databases = (await openTestDatabase()).databases
})
beforeEach(async () => {
  accountId = await insertAccount(databases)
  one = await startBudgetServer(databases)
  other = await startBudgetServer(databases)
})
afterAll(() => databases.close())

const begun = <T>(results: PromiseSettledResult<T>[]): T[] =>
  results.filter(({ status }) => status === 'fulfilled').map((result) => (result as PromiseFulfilledResult<T>).value)
const refused = (results: PromiseSettledResult<unknown>[]) =>
  results.filter(({ status }) => status === 'rejected').map((result) => (result as PromiseRejectedResult).reason)

describe('a budget', () => {
  test('lets exactly as many calls begin at once as it has room for', async () => {
    const budget = await insertBudget(databases, accountId, { cap: 700 })
    const results = await Promise.allSettled(Array.from({ length: 20 }, () => one.gate.reserve([budget], exactly(100))))
    expect(begun(results)).toHaveLength(7)
    for (const reason of refused(results))
      expect(reason).toMatchObject({ code: 'BUDGET_REACHED', details: { budgetId: budget.id, limit: 700 } })
    for (const reservation of begun(results)) reservation.settle(tokens(100))
    await one.gate.close()
    expect(await periodsOf(databases, budget)).toMatchObject([{ spent: 700, held: 0, over: 0 }])
  })

  test('is shared by servers, one of which gives back what it does not need', async () => {
    const budget = await insertBudget(databases, accountId, { cap: 100_000 })
    const first = await one.gate.reserve([budget], exactly(100))
    first.settle(tokens(100))
    // All the rest, of which the first server holds a part.
    const second = await other.gate.reserve([budget], exactly(99_900))
    second.settle(tokens(99_900))
    await Promise.all([one.gate.close(), other.gate.close()])
    expect(await periodsOf(databases, budget)).toMatchObject([{ spent: 100_000, held: 0 }])
  })

  test('of calls lets ten of twenty begin that come at once to two servers, and an eleventh when one was not answered', async () => {
    const units = dailyUnits(accountId, 10)
    const call = { ...NOTHING, calls: 1 }
    const results = await Promise.allSettled(
      Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? one : other).gate.reserve([units], { least: call, most: call })),
    )
    expect(begun(results)).toHaveLength(10)
    for (const reason of refused(results)) expect(reason).toMatchObject({ code: 'DAILY_UNITS_USED', details: { limit: 10 } })
    const [unanswered, ...answered] = begun(results)
    unanswered!.settle(NOTHING)
    for (const reservation of answered) reservation.settle(call)
    await Promise.all([one.gate.tell(), other.gate.tell()])
    // For a moment the database is not asked again for what it did not have.
    const last = await vi.waitFor(() => one.gate.reserve([units], { least: call, most: call }))
    last.settle(call)
    await Promise.all([one.gate.close(), other.gate.close()])
    expect(await periodsOf(databases, units)).toMatchObject([{ spent: 10, held: 0, over: 0 }])
  })

  test('has as little as there is given to a call that can do with it', async () => {
    const budget = await insertBudget(databases, accountId, { cap: 150 })
    await one.gate.reserve([budget], exactly(100))
    const reservation = await one.gate.reserve([budget], { least: tokens(10), most: tokens(1000) })
    expect(reservation.granted.tokens).toBe(50)
    reservation.settle(tokens(20))
    await expect(one.gate.reserve([budget], exactly(31))).rejects.toMatchObject({ code: 'BUDGET_REACHED' })
    await one.gate.reserve([budget], exactly(30))
  })

  test('counts what a call took beyond what it had, and lets nothing more begin', async () => {
    const budget = await insertBudget(databases, accountId, { cap: 1000 })
    const reservation = await one.gate.reserve([budget], exactly(100))
    reservation.settle(tokens(5000))
    await expect(one.gate.reserve([budget], exactly(1))).rejects.toMatchObject({ details: { spent: 5000, limit: 1000 } })
    expect(await periodsOf(databases, budget)).toMatchObject([{ spent: 1000, held: 0, over: 4000 }])
  })

  test('that is lowered below what is held wins as soon as it fits', async () => {
    const budget = await insertBudget(databases, accountId, { cap: 1000 })
    const reservation = await one.gate.reserve([budget], exactly(600))
    await databases.system.updateTable('budgets').set({ cap: 500 }).where('id', '=', budget.id).execute()
    await expect(one.gate.reserve([{ ...budget, cap: 500 }], exactly(1))).rejects.toMatchObject({ details: { limit: 500 } })
    reservation.settle(tokens(300))
    await one.gate.reserve([{ ...budget, cap: 500 }], exactly(200))
    await expect(one.gate.reserve([{ ...budget, cap: 500 }], exactly(1))).rejects.toMatchObject({ code: 'BUDGET_REACHED' })
    expect(await periodsOf(databases, budget)).toMatchObject([{ cap: 500, spent: 300, held: 200 }])
  })

  test('that was removed limits nothing', async () => {
    const budget = await insertBudget(databases, accountId, { cap: 10 })
    await databases.system.deleteFrom('budgets').where('id', '=', budget.id).execute()
    const reservation = await one.gate.reserve([budget], exactly(1000))
    reservation.settle(tokens(1000))
    expect(await periodsOf(databases, budget)).toEqual([])
  })

  test('counts what was used in its window before it was set', async () => {
    const { system } = databases
    const event = { accountId, provider: 'openai', model: 'm', outcome: 'ok', inputTokens: 300, outputTokens: 100, latencyMs: 1 } as const
    await system
      .insertInto('usageEvents')
      .values({ ...event, id: `use_of_${accountId}` })
      .execute()
    const budget = await insertBudget(databases, accountId, { cap: 1000, period: 'day' })
    await expect(one.gate.reserve([budget], exactly(601))).rejects.toMatchObject({ details: { spent: 400 } })
    await one.gate.reserve([budget], exactly(600))
  })
})

describe('several budgets of one call', () => {
  test('have to allow it all; it takes nothing where one does not, and says which', async () => {
    const wide = await insertBudget(databases, accountId, { cap: 1000 })
    const narrow = await insertBudget(databases, accountId, { kind: 'key', ownerId: 'key_1', cap: 50 })
    await expect(one.gate.reserve([wide, narrow], exactly(60))).rejects.toMatchObject({ details: { budgetId: narrow.id, kind: 'key' } })
    await one.gate.reserve([wide], exactly(1000))
  })
})

describe('a server that is killed', () => {
  test('takes with it what it held, and nothing is spent twice', async () => {
    const budget = await insertBudget(databases, accountId, { cap: 1000 })
    const lost = await one.gate.reserve([budget], exactly(400))
    await bury(databases, other)
    // The first one held a little more, to go on with.
    await other.gate.reserve([budget], exactly(580))
    await expect(other.gate.reserve([budget], exactly(21))).rejects.toMatchObject({ code: 'BUDGET_REACHED' })
    // It only stood still, and comes back: what its call took was counted already.
    lost.settle(tokens(400))
    await one.gate.close()
    await other.gate.close()
    expect(await periodsOf(databases, budget)).toMatchObject([{ spent: 410, held: 580 }])
  })

  test('and is taken for dead while it lives asks for a new part', async () => {
    const budget = await insertBudget(databases, accountId, { cap: 1_000_000 })
    const first = await one.gate.reserve([budget], exactly(10))
    await bury(databases, other)
    first.settle(tokens(10))
    const next = await one.gate.reserve([budget], exactly(500_000))
    next.settle(tokens(1))
    await one.gate.close()
    const [period] = await periodsOf(databases, budget)
    expect(period).toMatchObject({ held: 0, over: 0 })
    expect(period!.spent).toBeLessThan(50_000)
  })
})

describe('a window that ends', () => {
  /** A time zone in which midnight is so many seconds away. */
  function zoneWithMidnightIn(seconds: number): string {
    const now = new Date()
    const left = 86_400 - (now.getUTCHours() * 3600 + now.getUTCMinutes() * 60 + now.getUTCSeconds()) - seconds
    const shift = ((left % 86_400) + 86_400) % 86_400
    const two = (value: number) => String(Math.floor(value)).padStart(2, '0')
    const east = shift <= 43_200
    const size = east ? shift : 86_400 - shift
    return `<X>${east ? '-' : '+'}${two(size / 3600)}:${two((size % 3600) / 60)}:${two(size % 60)}`
  }

  test('while calls come without a pause lets as much begin in each as it may', async () => {
    const cap = 5000
    const budget = await insertBudget(databases, accountId, { cap, period: 'day', zone: zoneWithMidnightIn(2) })
    const spent = new Map<string, number>()
    const servers = [one, other]
    let hasChanged = false
    const endsBy = performance.now() + 10_000
    const caller = async (gate: BudgetServer['gate']) => {
      while (!hasChanged && performance.now() < endsBy) {
        const reservation = await gate.reserve([budget], exactly(7)).catch(() => undefined)
        await new Promise(setImmediate)
        reservation?.settle(tokens(5))
        const periods = spent.size > 1 ? spent.size : (await periodsOf(databases, budget)).length
        if (periods > 1) hasChanged = true
      }
    }
    await Promise.all(servers.flatMap(({ gate }) => [caller(gate), caller(gate), caller(gate)]))
    await Promise.all(servers.map(({ gate }) => gate.close()))
    const periods = await periodsOf(databases, budget)
    expect(periods).toHaveLength(2)
    for (const period of periods) {
      expect(period).toMatchObject({ held: 0, over: 0 })
      expect(period.spent).toBeLessThanOrEqual(cap)
    }
  })
})

describe('whatever servers do', () => {
  const LEVELS = 3
  const step = fc.record({
    server: fc.nat({ max: 1 }),
    levels: fc.uniqueArray(fc.nat({ max: LEVELS - 1 }), { minLength: 1, maxLength: LEVELS }),
    most: fc.integer({ min: 1, max: 60 }),
    share: fc.nat({ max: 100 }),
    ends: fc.constantFrom('settled' as const, 'settled' as const, 'open' as const, 'killed' as const),
  })

  test('no budget is exceeded, and what calls took is what was counted', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(step, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 5 }), async (rounds) => {
        const account = await insertAccount(databases)
        const budgets = await Promise.all(
          [100, 150, 400].map((cap, index) => insertBudget(databases, account, { cap, kind: 'agent', ownerId: `agent_${index}` })),
        )
        const servers = [await startBudgetServer(databases), await startBudgetServer(databases)]
        const spent = budgets.map(() => 0)
        const open: (() => void)[] = []
        const killed = new Set<number>()
        for (const steps of rounds) {
          await Promise.all(
            steps.map(async ({ server, levels, most, share, ends }) => {
              const chosen = levels.toSorted().map((level) => budgets[level]!)
              const reservation = await servers[server]!.gate.reserve(chosen, {
                least: tokens(Math.ceil(most / 2)),
                most: tokens(most),
              }).catch(() => undefined)
              if (!reservation) return
              const taken = Math.floor((reservation.granted.tokens * share) / 100)
              const settle = () => {
                reservation.settle(tokens(taken))
                if (!killed.has(server)) for (const level of levels) spent[level]! += taken
              }
              if (ends === 'settled') settle()
              else open.push(settle)
              if (ends === 'killed' && server === 1) killed.add(1)
            }),
          )
          if (killed.has(1)) await bury(databases, servers[0]!)
          for (const [index, budget] of budgets.entries())
            for (const period of await periodsOf(databases, budget))
              expect(period.spent + period.held, `budget ${index}`).toBeLessThanOrEqual(budget.cap)
        }
        for (const settle of open) settle()
        await servers[0]!.gate.close()
        if (!killed.has(1)) await servers[1]!.gate.close()
        for (const [index, budget] of budgets.entries())
          for (const { held, over, spent: counted } of await periodsOf(databases, budget)) {
            expect(over).toBe(0)
            // What a killed server held counts as spent.
            if (killed.has(1)) expect(counted).toBeGreaterThanOrEqual(0)
            else expect({ held, counted }, `budget ${index}`).toEqual({ held: 0, counted: spent[index]! })
          }
      }),
      { numRuns: 25 },
    )
  })
})
