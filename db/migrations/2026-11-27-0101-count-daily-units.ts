import { sql, type Kysely } from 'kysely'

/** What a plan allows in a day is counted in calls: `units:<account>`. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter function budget_spent_before rename to budget_spent_before_without_units`.execute(db)
  await sql`
    create function budget_spent_before(account text, budget text, kind text, owner text, unit text, starts timestamptz)
    returns bigint language sql stable as $$
      select case when unit = 'calls' then (
          select count(*) from usage_events
          where account_id = account and created_at >= starts and not is_own_key and not is_prepaid
            and (outcome = 'ok' or input_tokens is not null)
        ) else budget_spent_before_without_units(account, budget, kind, owner, unit, starts) end
    $$`.execute(db)
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop function budget_spent_before`.execute(db)
  await sql`alter function budget_spent_before_without_units rename to budget_spent_before`.execute(db)
}
