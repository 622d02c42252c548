import { sql, type Kysely } from 'kysely'
import { APP_ROLE } from '../engine.ts'

/** Payments by card that have credited a workspace, by the wallet that was named. Amounts are millionths of a US dollar. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table wallet_top_ups (
      session_id text collate "C" primary key,
      account_id text collate "C" not null references accounts (id),
      address text collate "C" not null check (address ~ '^0x[0-9a-f]{40}$'),
      payment_intent_id text collate "C" unique,
      credited_micro_usd bigint not null check (credited_micro_usd > 0),
      reversed_micro_usd bigint not null default 0 check (reversed_micro_usd >= 0),
      unrecovered_micro_usd bigint not null default 0 check (unrecovered_micro_usd >= 0),
      reversals integer not null default 0,
      created_at timestamptz not null default now(),
      check (reversed_micro_usd + unrecovered_micro_usd <= credited_micro_usd)
    )`.execute(db)
  await sql`create index wallet_top_ups_account on wallet_top_ups (account_id, created_at)`.execute(db)
  await sql`alter table wallet_top_ups enable row level security`.execute(db)
  await sql`create policy own_rows on wallet_top_ups for select to ${sql.raw(APP_ROLE)} using (account_id = (select current_setting('app.user_id', true)))`.execute(
    db,
  )
  await sql`grant select on wallet_top_ups to ${sql.raw(APP_ROLE)}`.execute(db)
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table wallet_top_ups`.execute(db)
}
