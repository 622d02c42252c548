import { sql } from 'kysely'
import type { Db } from '#db/client.ts'
import type { AccountId } from '#server/platform/core/index.ts'

/** What of the plan is used in the windows that run; where nothing was asked of one yet, what was used before is summed. */
export async function findPlanUse(db: Db, accountId: AccountId): Promise<{ units: number; tokens: number }> {
  const { rows } = await sql<{ units: number; tokens: number }>`
    select coalesce(sum(used) filter (where name = 'units'), 0)::int8 as units, coalesce(sum(used) filter (where name = 'plan'), 0)::int8 as tokens
    from (values ('units', 'calls', 'day'), ('plan', 'tokens', 'month')) as limits (name, unit, period)
    cross join lateral budget_window(period, 'UTC') as current_window
    left join budget_periods as known
      on known.budget_id = name || ':' || ${accountId}::text and known.starts_at = current_window.starts_at
    cross join lateral (
      select coalesce(known.spent + known.over,
        budget_spent_before(${accountId}, name || ':' || ${accountId}::text, 'plan', ${accountId}, unit, current_window.starts_at)) as used
    ) as counted`.execute(db)
  return rows[0]!
}
