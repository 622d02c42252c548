import { sql, type Kysely } from 'kysely'

/** The sums per month are what limits count against; `which` calls are summed. */
const sumMonths = (db: Kysely<unknown>, which: 'all' | 'not prepaid') =>
  sql`
    create or replace function usage_add_to_months() returns trigger language plpgsql as $$
    begin
      insert into usage_months as known (account_id, month, key_id, calls, tokens, cost_nano_usd)
      select account_id, date_trunc('month', created_at at time zone 'UTC')::date, coalesce(key_id, ''), count(*),
        coalesce(sum(coalesce(input_tokens, 0) + coalesce(output_tokens, 0)) filter (where not is_own_key), 0), sum(coalesce(cost_nano_usd, 0))
      from added ${sql.raw(which === 'all' ? '' : 'where not is_prepaid')} group by 1, 2, 3 order by 1, 2, 3
      on conflict (account_id, month, key_id) do update set
        calls = known.calls + excluded.calls,
        tokens = known.tokens + excluded.tokens,
        cost_nano_usd = known.cost_nano_usd + excluded.cost_nano_usd;
      return null;
    end $$`.execute(db)

export async function up(db: Kysely<unknown>): Promise<void> {
  // A call that was paid by itself, such as by a payment session: it belongs into the usage of its account, and counts
  // against no limit.
  await sql`alter table usage_events add column is_prepaid boolean not null default false`.execute(db)
  await sumMonths(db, 'not prepaid')

  // What a session was charged for is found by it, also for a caller without an account.
  await sql`alter table gateway_calls add column session_id text collate "C" references payment_sessions (id) on delete set null`.execute(
    db,
  )
  await sql`
    update gateway_calls set session_id = payment_sessions.id
    from payment_sessions where method = 'session' and payment_sessions.id = split_part(receipt, ':', 2)`.execute(db)
  await sql`create index gateway_calls_session on gateway_calls (session_id, created_at) where session_id is not null`.execute(db)
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`alter table gateway_calls drop column session_id`.execute(db)
  await sumMonths(db, 'all')
  await sql`alter table usage_events drop column is_prepaid`.execute(db)
}
