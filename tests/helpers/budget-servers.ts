import { sql } from 'kysely'
import type { Databases } from '../../db/client.ts'
import { createLogger } from '../../server/platform/core/log.ts'
import { readEnv } from '../../server/platform/core/env.ts'
import type { AccountId, Platform } from '../../server/platform/core/context.ts'
import { newId, randomSuffix } from '../../server/platform/core/ids.ts'
import type { Amounts, Budget } from '../../server/money/budgets/budget.ts'
import { BudgetGate } from '../../server/money/budgets/gate.ts'
import { forfeitLeases, lockPeriodsOfDead } from '../../server/money/budgets/budgets.queries.ts'

/** A server of which only the gate is there. Several of them share a database. */
export interface BudgetServer {
  gate: BudgetGate
  id: string
}

/** Servers that share the connections of a test, on which a channel has one listener. */
const gates = new WeakMap<Databases, BudgetGate[]>()

function hearFor(databases: Databases, all: BudgetGate[]): Promise<void> {
  gates.set(databases, all)
  const onMessage = (budgetId: string) => all.forEach((gate) => gate.giveBack(budgetId))
  return databases.listen('budgets_wanted', { onMessage, onChange: () => undefined })
}

export async function startBudgetServer(databases: Databases): Promise<BudgetServer> {
  const id = newId('server')
  const log = createLogger(readEnv({ LOG_LEVEL: 'silent' }))
  const gate = new BudgetGate({ databases, serverId: id, log } as Platform, () => undefined)
  const known = gates.get(databases)
  if (known) known.push(gate)
  else await hearFor(databases, [gate])
  return { gate, id }
}

/** What becomes of what a server held that was killed, once the others have noticed. */
export const bury = ({ system }: Databases, survivor: BudgetServer): Promise<void> =>
  system.transaction().execute(async (db) => {
    await lockPeriodsOfDead(db, survivor.id, true)
    await forfeitLeases(db, survivor.id, true)
  })

/** An account with nothing but an id. */
export async function insertAccount({ system }: Databases): Promise<AccountId> {
  const id = newId('workspace') as AccountId
  await sql`insert into accounts (id, name, kind, referral_code) values (${id}, 'Test', 'team', ${randomSuffix(8).toUpperCase()})`.execute(
    system,
  )
  return id
}

/** Stores a budget, as people set it. */
export async function insertBudget({ system }: Databases, accountId: AccountId, given: Partial<Budget> = {}): Promise<Budget> {
  const budget: Budget = {
    id: newId('budget'),
    accountId,
    kind: 'workspace',
    ownerId: accountId,
    unit: 'tokens',
    period: 'month',
    cap: 1000,
    zone: 'UTC',
    downgrade: null,
    ...given,
  }
  const { downgrade: _downgrade, ...row } = budget
  await system
    .insertInto('budgets')
    .values({ ...row, kind: row.kind as 'workspace' })
    .execute()
  return budget
}

/** The units that a plan allows in a day, which are kept with the plan. */
export const dailyUnits = (accountId: AccountId, cap: number): Budget => ({
  id: `units:${accountId}`,
  accountId,
  kind: 'plan',
  ownerId: accountId,
  unit: 'calls',
  period: 'day',
  cap,
  zone: 'UTC',
  downgrade: null,
})

/** What the database says of a budget, all its windows together. */
export async function periodsOf({ system }: Databases, { id }: Budget) {
  return system
    .selectFrom('budgetPeriods')
    .where('budgetId', '=', id)
    .select(['startsAt', 'cap', 'spent', 'held', 'over'])
    .orderBy('startsAt')
    .execute()
}

export const tokens = (count: number): Amounts => ({ nanoUsd: 0, tokens: count, planTokens: count, calls: 0 })
export const exactly = (count: number) => ({ least: tokens(count), most: tokens(count) })
