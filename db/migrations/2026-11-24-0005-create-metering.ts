import { sql, type Kysely } from 'kysely'
import { APP_ROLE } from '../engine.ts'
import { isolate } from '../row-level-security.ts'

export async function up(db: Kysely<unknown>): Promise<void> {
  // Costs are in billionths of a US dollar: a token of a small model costs a fraction of a millionth.
  await sql`
    alter table usage_events
      add column kind text not null default 'chat' check (kind in ('chat', 'embedding', 'speech', 'transcription')),
      add column key_id text collate "C",
      add column cost_nano_usd bigint check (cost_nano_usd >= 0),
      add column is_own_key boolean not null default false,
      add column is_estimated boolean not null default false`.execute(db)

  // Sums per month and API key ('' for calls without one), kept by a trigger so that no writer can forget
  // them. Tokens of calls made with the account's own key at a provider are not the operator's to count.
  await sql`
    create table usage_months (
      account_id text collate "C" not null references accounts (id) on delete cascade,
      month date not null,
      key_id text collate "C" not null,
      calls bigint not null,
      tokens bigint not null,
      cost_nano_usd bigint not null,
      primary key (account_id, month, key_id)
    )`.execute(db)
  await isolate(db, 'usage_months')
  await sql`
    create function usage_add_to_months() returns trigger language plpgsql as $$
    begin
      insert into usage_months as known (account_id, month, key_id, calls, tokens, cost_nano_usd)
      select account_id, date_trunc('month', created_at at time zone 'UTC')::date, coalesce(key_id, ''), count(*),
        coalesce(sum(coalesce(input_tokens, 0) + coalesce(output_tokens, 0)) filter (where not is_own_key), 0), sum(coalesce(cost_nano_usd, 0))
      from added group by 1, 2, 3 order by 1, 2, 3
      on conflict (account_id, month, key_id) do update set
        calls = known.calls + excluded.calls,
        tokens = known.tokens + excluded.tokens,
        cost_nano_usd = known.cost_nano_usd + excluded.cost_nano_usd;
      return null;
    end $$`.execute(db)
  await sql`
    create trigger usage_events_months after insert on usage_events
    referencing new table as added for each statement execute function usage_add_to_months()`.execute(db)
  await sql`
    insert into usage_months (account_id, month, key_id, calls, tokens, cost_nano_usd)
    select account_id, date_trunc('month', created_at at time zone 'UTC')::date, '', count(*),
      sum(coalesce(input_tokens, 0) + coalesce(output_tokens, 0)), 0
    from usage_events group by 1, 2`.execute(db)

  // An account's own key for a model provider, used instead of the operator's.
  await sql`
    create table provider_keys (
      account_id text collate "C" not null references accounts (id) on delete cascade,
      provider text not null check (provider in ('openrouter', 'openai', 'anthropic', 'google', 'groq')),
      sealed_key text not null,
      updated_at timestamptz not null default now(),
      primary key (account_id, provider)
    )`.execute(db)
  await isolate(db, 'provider_keys')

  await sql`alter table api_keys add column spend_limit_cents integer check (spend_limit_cents >= 0)`.execute(db)
  await sql`alter table accounts add column stripe_subscription_id text`.execute(db)
  await sql`grant execute on function usage_add_to_months to ${sql.raw(APP_ROLE)}`.execute(db)
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`alter table accounts drop column stripe_subscription_id`.execute(db)
  await sql`alter table api_keys drop column spend_limit_cents`.execute(db)
  await sql`drop table provider_keys`.execute(db)
  await sql`drop trigger usage_events_months on usage_events`.execute(db)
  await sql`drop function usage_add_to_months`.execute(db)
  await sql`drop table usage_months`.execute(db)
  await sql`alter table usage_events drop column kind, drop column key_id, drop column cost_nano_usd, drop column is_own_key, drop column is_estimated`.execute(
    db,
  )
}
