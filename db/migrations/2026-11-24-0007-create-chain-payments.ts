import { sql, type Kysely } from 'kysely'
import { APP_ROLE } from '../engine.ts'

export async function up(db: Kysely<unknown>): Promise<void> {
  // One row per call that is or was paid by a transaction on a chain. `claimed`: nothing was sent to the chain
  // yet. `pending`: sent, and not known to be in a block. `confirmed`: the money is there, and booked; it is
  // used up once `spent_at` is set. `failed`: the chain refused it. While a call works for a payment, it holds
  // a claim on it, which it renews.
  await sql`
    create table chain_payments (
      id text collate "C" primary key,
      account_id text collate "C" references accounts (id) on delete set null,
      challenge_id text collate "C" not null unique,
      tx_hash text collate "C" not null unique check (tx_hash ~ '^0x[0-9a-f]{64}$'),
      raw_transaction text check (raw_transaction ~ '^0x[0-9a-f]+$'),
      payer text collate "C" not null check (payer ~ '^0x[0-9a-f]{40}$'),
      plugin text not null,
      amount_micro_usd bigint not null check (amount_micro_usd > 0),
      chain_id bigint not null,
      state text not null check (state in ('claimed', 'pending', 'confirmed', 'failed')),
      claimed_by text collate "C",
      claim_expires_at timestamptz,
      lapses_at timestamptz,
      created_at timestamptz not null default now(),
      sent_at timestamptz,
      confirmed_at timestamptz,
      spent_at timestamptz,
      check ((claimed_by is null) = (claim_expires_at is null)),
      check (state <> 'claimed' or sent_at is null),
      check (state <> 'pending' or (raw_transaction is not null and sent_at is not null)),
      check ((state = 'confirmed') = (confirmed_at is not null)),
      check (spent_at is null or state = 'confirmed')
    )`.execute(db)
  await sql`create index chain_payments_account on chain_payments (account_id, created_at)`.execute(db)
  await sql`create index chain_payments_open on chain_payments (created_at) where state in ('claimed', 'pending')`.execute(db)

  // Accounts may read their own payments; only the system connection writes.
  await sql`alter table chain_payments enable row level security`.execute(db)
  await sql`create policy own_rows on chain_payments for select to ${sql.raw(APP_ROLE)} using (account_id = (select current_setting('app.user_id', true)))`.execute(
    db,
  )
  await sql`grant select on chain_payments to ${sql.raw(APP_ROLE)}`.execute(db)
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table chain_payments`.execute(db)
}
