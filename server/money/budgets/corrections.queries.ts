import { sql } from 'kysely'
import type { Db } from '#db/client.ts'
import type { AccountId } from '#server/platform/core/index.ts'
import type { BudgetWindow } from './reservation.ts'

/** A call that took more, or less, than was counted of it. */
export interface Correction {
  accountId: AccountId
  agentId: string | null
  keyId: string | null
  /** ISO 8601. */
  createdAt: string
  /** Where it was counted when it ended. */
  countedIn: BudgetWindow[]
  /** The differences; below 0 where it took less. */
  tokens: number
  planTokens: number
  nanoUsd: number
}

/**
 * Corrects what is spent in the windows a call counts in: those it was counted in when it ended, and those that began to be counted
 * later and were given what was used before. What exceeds a cap is counted beyond it, as with any call.
 *
 * @param systemDb A transaction.
 */
export async function correctWindows(systemDb: Db, correction: Correction): Promise<void> {
  const windows = await lockWindows(systemDb, correction)
  if (windows.length === 0) return
  await sql`
    update budget_periods as known set
      spent = known.spent + least(greatest(change, 0), room) - least(greatest(-change - known.over, 0), known.spent),
      over = known.over + greatest(change - room, 0) - least(greatest(-change, 0), known.over)
    from (
      select budget_id, starts_at, change, greatest(cap - spent - held, 0) as room
      from jsonb_to_recordset(${JSON.stringify(windows)}::jsonb) as told ("budgetId" text, "startsAt" timestamptz, change bigint)
      join budget_periods on budget_id = told."budgetId" and starts_at = told."startsAt"
    ) as told
    where known.budget_id = told.budget_id and known.starts_at = told.starts_at`.execute(systemDb)
}

/** The windows, locked in the order in which all lock them, with the difference in units of their budgets. */
async function lockWindows(systemDb: Db, { countedIn, ...call }: Correction): Promise<(BudgetWindow & { change: number })[]> {
  const { rows } = await sql<BudgetWindow & { change: number }>`
    select known.budget_id, known.starts_at,
      case when known.budget_id like 'plan:%' then ${call.planTokens}::int8
        when known.budget_id like 'units:%' then 0
        when known.budget_id like 'key:%' or budgets.unit = 'nano_usd' then ${call.nanoUsd}::int8
        else ${call.tokens}::int8 end as change
    from budget_periods as known left join budgets on budgets.id = known.budget_id
    where known.account_id = ${call.accountId} and (
      exists (
        select from jsonb_to_recordset(${JSON.stringify(countedIn)}::jsonb) as counted ("budgetId" text, "startsAt" timestamptz)
        where counted."budgetId" = known.budget_id and counted."startsAt" = known.starts_at)
      or known.created_at > ${call.createdAt} and ${call.createdAt}::timestamptz >= known.starts_at and ${call.createdAt}::timestamptz < known.ends_at
        and (known.budget_id in ('plan:' || ${call.accountId}::text, 'key:' || ${call.keyId}::text) or budgets.kind = 'workspace'
          or budgets.kind = 'agent' and budgets.owner_id = ${call.agentId} or budgets.kind = 'key' and budgets.owner_id = ${call.keyId}
          or budgets.kind = 'member' and ${call.keyId} in (
            select id from api_keys where api_keys.account_id = ${call.accountId} and created_by = budgets.owner_id)))
    order by known.budget_id, known.starts_at for update of known`.execute(systemDb)
  return rows
}
