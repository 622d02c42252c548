import { sql } from 'kysely'
import type { Db } from '#db/client.ts'
import type { AccountId } from '#server/platform/core/index.ts'
import type { BudgetKind, BudgetPeriod, BudgetUnit } from './budget.ts'

/** A budget and its window that runs, as people see it. */
export interface BudgetView {
  id: string
  kind: BudgetKind
  ownerId: string
  ownerName: string | null
  unit: BudgetUnit
  period: BudgetPeriod
  zone: string
  cap: number
  spent: number
  held: number
  startsAt: string
  endsAt: string
  /** The highest share people were told of, in hundredths; null for none. */
  reached: 80 | 100 | null
  downgradeModel: string | null
  downgradePercent: number | null
}

/**
 * The budgets of an account: of the plan, of keys that have a limit, and those that were set, in that order. Where nothing was asked
 * of one in its window yet, what was used before is summed.
 */
export async function listViews(db: Db, accountId: AccountId, planTokens: number | null): Promise<BudgetView[]> {
  const { rows } = await sql<BudgetView>`
    with listed as (
      select 'plan:' || ${accountId}::text as id, 'plan' as kind, ${accountId}::text as owner_id, 'tokens' as unit, 'month' as period,
        'UTC' as zone, ${planTokens}::int8 as cap, null as downgrade_model, null::int2 as downgrade_percent, 0 as place
      where ${planTokens}::int8 is not null
      union all
      select 'key:' || id, 'key', id, 'nano_usd', 'month', 'UTC', spend_limit_cents * 10000000::int8, null, null, 1
      from api_keys where account_id = ${accountId} and spend_limit_cents is not null and agent_id is null
      union all
      select id, kind, owner_id, unit, period, zone, cap, downgrade_model, downgrade_percent, 2 from budgets where account_id = ${accountId}
    )
    select listed.id, listed.kind, listed.owner_id, listed.unit, listed.period, listed.zone, listed.cap, listed.downgrade_model,
      listed.downgrade_percent, current_window.starts_at, current_window.ends_at,
      case listed.kind
        when 'agent' then (select name from agents where agents.id = listed.owner_id)
        when 'key' then (select name from api_keys where api_keys.id = listed.owner_id)
        when 'member' then (select name from users where users.id = listed.owner_id)
        else (select name from accounts where accounts.id = listed.owner_id)
      end as owner_name,
      coalesce(known.spent + known.over,
        budget_spent_before(${accountId}, listed.id, listed.kind, listed.owner_id, listed.unit, current_window.starts_at)) as spent,
      coalesce(known.held, 0) as held,
      (select max(percent)::int4 from budget_notices as notice
        where notice.budget_id = listed.id and notice.starts_at = current_window.starts_at) as reached
    from listed
    cross join lateral budget_window(listed.period, listed.zone) as current_window
    left join budget_periods as known on known.budget_id = listed.id and known.starts_at = current_window.starts_at
    order by listed.place, listed.id`.execute(db)
  return rows
}

/** Windows of a budget, the newest first. */
export const listWindows = (db: Db, accountId: AccountId, budgetId: string, limit: number) =>
  db
    .selectFrom('budgetPeriods')
    .where('accountId', '=', accountId)
    .where('budgetId', '=', budgetId)
    .select(['startsAt', 'endsAt', 'cap', sql<number>`spent + over`.as('spent')])
    .orderBy('startsAt', 'desc')
    .limit(limit)
    .execute()

/** Whether there is somebody or something of that id in the account whose spending can be limited. */
export async function hasOwner(db: Db, accountId: AccountId, kind: string, id: string): Promise<boolean> {
  if (kind === 'workspace') return id === accountId
  const found =
    kind === 'agent'
      ? db.selectFrom('agents').where('accountId', '=', accountId).where('id', '=', id).select('id')
      : kind === 'key'
        ? db.selectFrom('apiKeys').where('accountId', '=', accountId).where('id', '=', id).where('agentId', 'is', null).select('id')
        : db.selectFrom('memberships').where('accountId', '=', accountId).where('userId', '=', id).select('userId as id')
  return (await found.executeTakeFirst()) !== undefined
}

/** Whether the database knows a time zone as well. */
export async function knowsZone(db: Db, zone: string): Promise<boolean> {
  if (zone === 'UTC') return true
  const { rows } = await sql`select from pg_timezone_names where name = ${zone} limit 1`.execute(db)
  return rows.length > 0
}

interface NewBudget {
  id: string
  kind: string
  ownerId: string
  unit: BudgetUnit
  period: BudgetPeriod
  cap: number
  zone: string
  downgradeModel: string | null
  downgradePercent: number | null
}

/** Makes a budget or changes the one of the same kind. @returns its id, and how many the account has. */
export async function putBudget(db: Db, accountId: AccountId, budget: NewBudget): Promise<{ id: string; count: number }> {
  const { cap, zone, downgradeModel, downgradePercent } = budget
  const { id } = await db
    .insertInto('budgets')
    .values({ ...budget, accountId })
    .onConflict((conflict) =>
      conflict
        .columns(['accountId', 'kind', 'ownerId', 'unit', 'period'])
        .doUpdateSet({ cap, zone, downgradeModel, downgradePercent, updatedAt: sql<string>`now()` }),
    )
    .returning('id')
    .executeTakeFirstOrThrow()
  const { count } = await db
    .selectFrom('budgets')
    .where('accountId', '=', accountId)
    .select(sql<number>`count(*)`.as('count'))
    .executeTakeFirstOrThrow()
  return { id, count }
}

/** Removes a budget, its windows and what people were told of it. */
export async function deleteBudget(db: Db, accountId: AccountId, id: string): Promise<boolean> {
  const removed = await db.deleteFrom('budgets').where('accountId', '=', accountId).where('id', '=', id).returning('id').executeTakeFirst()
  if (removed) await db.deleteFrom('budgetPeriods').where('accountId', '=', accountId).where('budgetId', '=', id).execute()
  return removed !== undefined
}
