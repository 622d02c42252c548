import { sql, type Kysely } from 'kysely'
import { letRead } from '../row-level-security.ts'

/** What accounts buy at Stripe, and what was heard from there. */
export async function up(db: Kysely<unknown>): Promise<void> {
  // Each event has its effect once: its id is written down in the transaction that has the effect.
  await sql`
    create table stripe_events (
      id text collate "C" primary key,
      type text not null,
      happened_at timestamptz not null,
      received_at timestamptz not null default now()
    )`.execute(db)
  await sql`create index stripe_events_received on stripe_events (received_at)`.execute(db)

  // Who looks at something at Stripe takes a number first; what was seen is written only if nobody with a later number has written.
  await sql`
    create table stripe_objects (
      id text collate "C" primary key,
      looks bigint not null default 0,
      written bigint not null default 0,
      check (written <= looks)
    )`.execute(db)

  await sql`
    create table stripe_sweeps (
      id integer primary key check (id = 1),
      swept_until timestamptz not null,
      claimed_at timestamptz not null
    )`.execute(db)

  await sql`
    create table subscriptions (
      id text collate "C" primary key check (id like 'sub\\_%'),
      account_id text collate "C" not null references accounts (id),
      purpose text not null check (purpose in ('plan', 'storage')),
      plan text check (plan in ('solo', 'collective', 'label', 'network')),
      storage_gb integer not null default 0 check (storage_gb >= 0),
      status text not null,
      customer_id text collate "C" not null,
      is_ending boolean not null default false,
      started_at timestamptz not null,
      trial_ends_at timestamptz,
      period_started_at timestamptz not null,
      period_ends_at timestamptz not null,
      checked_at timestamptz not null default now(),
      check ((purpose = 'plan') = (plan is not null))
    )`.execute(db)
  await sql`create index subscriptions_account on subscriptions (account_id, started_at)`.execute(db)
  await letRead(db, 'subscriptions')

  // Money in the smallest unit of the currency Stripe took it in, credit in millionths of a US dollar.
  await sql`
    create table checkouts (
      id text collate "C" primary key check (id like 'cs\\_%'),
      account_id text collate "C" not null references accounts (id),
      purpose text not null check (purpose in ('plan', 'storage', 'credits')),
      plan text check (plan in ('solo', 'collective', 'label', 'network')),
      status text not null default 'open' check (status in ('open', 'complete', 'expired')),
      created_at timestamptz not null default now(),
      expires_at timestamptz not null,
      payment_intent_id text collate "C" unique,
      credited_micro_usd bigint not null default 0 check (credited_micro_usd >= 0),
      reversed_micro_usd bigint not null default 0 check (reversed_micro_usd >= 0),
      unrecovered_micro_usd bigint not null default 0 check (unrecovered_micro_usd >= 0),
      reversals integer not null default 0 check (reversals >= 0),
      problem text,
      check ((purpose = 'plan') = (plan is not null)),
      check (purpose = 'credits' or credited_micro_usd = 0),
      check (reversed_micro_usd + unrecovered_micro_usd <= credited_micro_usd)
    )`.execute(db)
  await sql`create index checkouts_account on checkouts (account_id, created_at)`.execute(db)
  await letRead(db, 'checkouts')

  await sql`
    alter table accounts
      add column stripe_customer_id text collate "C",
      add column extra_storage_gb integer not null default 0 check (extra_storage_gb >= 0),
      add column grace_ends_at timestamptz`.execute(db)
  // Servers keep what they know of an account for a while.
  await sql`
    create trigger accounts_paid_for after update of extra_storage_gb, grace_ends_at on accounts
    for each row execute function notify_credential_change()`.execute(db)
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop trigger accounts_paid_for on accounts`.execute(db)
  await sql`alter table accounts drop column stripe_customer_id, drop column extra_storage_gb, drop column grace_ends_at`.execute(db)
  await sql`drop table checkouts, subscriptions, stripe_sweeps, stripe_objects, stripe_events`.execute(db)
}
