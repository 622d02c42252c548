import { sql } from 'kysely'
import type { Db } from '#db/client.ts'
import { isHolderDead } from '#server/platform/host/index.ts'
import type { AccountId } from '#server/platform/core/index.ts'
import type { BudgetKind, BudgetPeriod, BudgetUnit } from './budget.ts'
import type { ExchangeLine, PeriodState } from './exchange-line.ts'

/** What the database answers to one line of an exchange, which `number` names. */
export interface ExchangeAnswer extends PeriodState {
  number: number
  granted: number
  isTaken: boolean
  isScarce: boolean
  /** Whether there is no such budget any more. */
  isRemoved: boolean
  /** Whether people have to be told of the budget now. */
  noticed: boolean
}

/** Books what a server has spent, gives back and needs, in one statement. */
export async function exchange(systemDb: Db, serverId: string, lines: ExchangeLine[]): Promise<ExchangeAnswer[]> {
  const numbered = JSON.stringify(lines.map((line, number) => ({ ...line, number })))
  const { rows } = await sql<ExchangeAnswer>`select * from exchange_budgets(${serverId}, ${numbered}::jsonb)`.execute(systemDb)
  return rows
}

const budgetColumns = ['id', 'accountId', 'kind', 'ownerId', 'unit', 'period', 'cap', 'zone', 'downgradeModel', 'downgradePercent'] as const

/** A budget as it is stored. */
export interface BudgetRow {
  id: string
  accountId: string
  kind: Exclude<BudgetKind, 'plan'>
  ownerId: string
  unit: BudgetUnit
  period: BudgetPeriod
  cap: number
  zone: string
  downgradeModel: string | null
  downgradePercent: number | null
}

/** The budgets people have set in an account, in the order of their ids. */
export const listBudgets = (db: Db, accountId: AccountId): Promise<BudgetRow[]> =>
  db.selectFrom('budgets').where('accountId', '=', accountId).select(budgetColumns).orderBy('id').$castTo<BudgetRow>().execute()

/** Leases of servers that are dead, as this one sees it, or of all others. */
const leftBehind = (judge: string, areOthersGone: boolean) =>
  areOthersGone ? sql<boolean>`budget_leases.server_id <> ${judge}` : isHolderDead('budget_leases.server_id', judge)

/** The periods of which servers that are dead hold something, locked in the order in which all lock them. */
export const lockPeriodsOfDead = (systemDb: Db, judge: string, areOthersGone: boolean) =>
  systemDb
    .selectFrom('budgetPeriods')
    .where(({ exists, selectFrom }) =>
      exists(
        selectFrom('budgetLeases')
          .whereRef('budgetLeases.budgetId', '=', 'budgetPeriods.budgetId')
          .whereRef('budgetLeases.startsAt', '=', 'budgetPeriods.startsAt')
          .where(leftBehind(judge, areOthersGone))
          .select('budgetLeases.id'),
      ),
    )
    .select('budgetId')
    .orderBy('budgetId')
    .orderBy('startsAt')
    .forUpdate()
    .execute()

/** Counts what dead servers held as spent: nobody knows what they did with it. Their periods have to be locked. */
export const forfeitLeases = (systemDb: Db, judge: string, areOthersGone: boolean) =>
  sql`
    with gone as (
      delete from budget_leases where ${leftBehind(judge, areOthersGone)} returning budget_id, starts_at, amount
    )
    update budget_periods set spent = spent + lost.amount, held = held - lost.amount
    from (select budget_id, starts_at, sum(amount)::bigint as amount from gone group by budget_id, starts_at) as lost
    where budget_periods.budget_id = lost.budget_id and budget_periods.starts_at = lost.starts_at`.execute(systemDb)

/** Removes periods that ended so many days ago. */
export const removeOldPeriods = (systemDb: Db, days: number) =>
  systemDb
    .deleteFrom('budgetPeriods')
    .where('endsAt', '<', sql<string>`now() - make_interval(days => ${days})`)
    .execute()

/** A budget that reached a share of its cap, of which nobody was told yet. */
export interface DueNotice {
  budgetId: string
  accountId: string
  percent: 80 | 100
  startsAt: string
  endsAt: string
  cap: number
  spent: number
  workspace: string
}

/** Claims what people have to be told: of several servers one gets each. What is locked another one is telling. */
export async function claimNotices(systemDb: Db): Promise<DueNotice[]> {
  const { rows } = await sql<DueNotice>`
    with due as (
      select budget_id, starts_at, percent from budget_notices where told_at is null
      order by budget_id, starts_at, percent limit 100 for update skip locked
    ), told as (
      update budget_notices as notice set told_at = now() from due
      where (notice.budget_id, notice.starts_at, notice.percent) = (due.budget_id, due.starts_at, due.percent)
      returning notice.budget_id, notice.starts_at, notice.percent, notice.account_id
    )
    select told.budget_id, told.account_id, told.percent, told.starts_at, budget_periods.ends_at, budget_periods.cap,
      budget_periods.spent + budget_periods.over as spent, accounts.name as workspace
    from told
    join budget_periods on budget_periods.budget_id = told.budget_id and budget_periods.starts_at = told.starts_at
    join accounts on accounts.id = told.account_id and accounts.deleted_at is null
    order by told.account_id, told.budget_id, told.percent`.execute(systemDb)
  return rows
}

/** The owners of a workspace who can be reached. */
export const listOwners = (systemDb: Db, accountId: string) =>
  systemDb
    .selectFrom('memberships')
    .innerJoin('users', 'users.id', 'memberships.userId')
    .where('memberships.accountId', '=', accountId)
    .where('memberships.role', '=', 'owner')
    .where('users.email', 'is not', null)
    .where('users.deletedAt', 'is', null)
    .select(['users.name', 'users.email'])
    .orderBy('users.id')
    .execute()

/** What a budget that people set is about; undefined for what comes with a plan or a key, and for one that was removed. */
export const findBudget = (db: Db, accountId: AccountId, id: string): Promise<BudgetRow | undefined> =>
  db
    .selectFrom('budgets')
    .where('accountId', '=', accountId)
    .where('id', '=', id)
    .select(budgetColumns)
    .$castTo<BudgetRow>()
    .executeTakeFirst()
