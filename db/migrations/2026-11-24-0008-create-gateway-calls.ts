import { sql, type Kysely } from 'kysely'
import { APP_ROLE } from '../engine.ts'

export async function up(db: Kysely<unknown>): Promise<void> {
  // One row per call a plugin worked for, paid or not; a call by nobody who is signed in has no account.
  await sql`
    create table gateway_calls (
      id text collate "C" primary key,
      account_id text collate "C" references accounts (id) on delete set null,
      plugin text not null,
      method text not null check (method in ('stripe', 'mpp', 'session')),
      price_micro_usd bigint not null check (price_micro_usd > 0),
      is_paid boolean not null,
      receipt text,
      outcome text not null check (outcome in ('answered', 'failed', 'aborted')),
      error_code text,
      model text,
      input_tokens integer,
      output_tokens integer,
      cost_nano_usd bigint check (cost_nano_usd >= 0),
      latency_ms integer not null,
      created_at timestamptz not null default now(),
      check (receipt is null or is_paid)
    )`.execute(db)
  await sql`create index gateway_calls_account on gateway_calls (account_id, created_at)`.execute(db)
  await sql`create index gateway_calls_time on gateway_calls (created_at)`.execute(db)

  // Accounts may read their own calls; only the system connection writes.
  await sql`alter table gateway_calls enable row level security`.execute(db)
  await sql`create policy own_rows on gateway_calls for select to ${sql.raw(APP_ROLE)} using (account_id = (select current_setting('app.user_id', true)))`.execute(
    db,
  )
  await sql`grant select on gateway_calls to ${sql.raw(APP_ROLE)}`.execute(db)
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table gateway_calls`.execute(db)
}
