import { sql, type Kysely } from 'kysely'
import { APP_ROLE } from '../engine.ts'
import { isolate } from '../row-level-security.ts'

/** Bookings whose money is held until it is due, splits of royalties, and the payouts of both. Amounts are millionths of a USDC. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await createBookings(db)
  await createSplits(db)
  await createPayouts(db)
}

async function createBookings(db: Kysely<unknown>): Promise<void> {
  // `pending`: the deposit has not arrived. `confirmed`: it has. `completed`: the payouts are ordered, which happens
  // once. `settled`: all of them are in the chain.
  await sql`
    create table bookings (
      id text collate "C" primary key,
      account_id text collate "C" not null references accounts (id) on delete restrict,
      venue text not null,
      held_on text not null check (held_on ~ '^\\d{4}-\\d{2}-\\d{2}$'),
      guarantee_units bigint not null check (guarantee_units >= 0),
      backend_units bigint not null check (backend_units >= 0),
      deposit_units bigint not null check (deposit_units >= 0),
      status text not null default 'pending' check (status in ('pending', 'confirmed', 'completed', 'settled')),
      escrow_key_id text collate "C" unique references chain_keys (id),
      escrow_address text collate "C",
      chain_id bigint,
      next_block bigint check (next_block >= 0),
      created_at timestamptz not null default now(),
      released_at timestamptz,
      settled_at timestamptz,
      unique (account_id, id),
      check (num_nonnulls(escrow_key_id, escrow_address, chain_id, next_block) in (0, 4)),
      check (status = 'pending' or escrow_key_id is not null),
      check ((status in ('completed', 'settled')) = (released_at is not null)),
      check ((status = 'settled') = (settled_at is not null))
    )`.execute(db)
  await sql`create index bookings_account on bookings (account_id, created_at desc, id desc)`.execute(db)
  await sql`create index bookings_escrows on bookings (id) where escrow_key_id is not null`.execute(db)
  await letMake(db, 'bookings')

  await sql`
    create table booking_shares (
      account_id text collate "C" not null,
      booking_id text collate "C" not null,
      position integer not null check (position >= 0),
      address text collate "C" not null check (address ~ '^0x[0-9a-fA-F]{40}$'),
      basis_points integer not null check (basis_points between 1 and 10000),
      role text not null check (role in ('artist', 'manager', 'agent', 'venue')),
      name text not null,
      primary key (booking_id, position),
      foreign key (account_id, booking_id) references bookings (account_id, id)
    )`.execute(db)
  await letMake(db, 'booking_shares')
  await sql`
    create function booking_check_shares() returns trigger language plpgsql as $$
    begin
      if (select sum(basis_points) from booking_shares where booking_id = new.booking_id) <> 10000 then
        raise exception 'the shares of booking % are not the whole', new.booking_id;
      end if;
      return null;
    end $$`.execute(db)
  await sql`
    create constraint trigger booking_shares_whole after insert or update on booking_shares
    deferrable initially deferred for each row execute function booking_check_shares()`.execute(db)

  // What arrived at the address of a booking, as deep in the chain as it takes; a transfer is counted once.
  await sql`
    create table booking_deposits (
      account_id text collate "C" not null,
      booking_id text collate "C" not null,
      chain_id bigint not null,
      tx_hash text collate "C" not null check (tx_hash ~ '^0x[0-9a-f]{64}$'),
      log_index integer not null check (log_index >= 0),
      sender text collate "C" not null check (sender ~ '^0x[0-9a-f]{40}$'),
      units bigint not null check (units > 0),
      refunded_units bigint not null default 0 check (refunded_units between 0 and units),
      block_number bigint not null,
      is_late boolean not null,
      seen_at timestamptz not null default now(),
      primary key (chain_id, tx_hash, log_index),
      foreign key (account_id, booking_id) references bookings (account_id, id)
    )`.execute(db)
  await sql`create index booking_deposits_booking on booking_deposits (account_id, booking_id, seen_at)`.execute(db)
  await letRead(db, 'booking_deposits')
}

async function createSplits(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table split_rules (
      id text collate "C" primary key,
      account_id text collate "C" not null references accounts (id) on delete restrict,
      address text collate "C" not null check (address ~ '^0x[0-9a-fA-F]{40}$'),
      basis_points integer not null check (basis_points between 1 and 10000),
      role text not null check (role in ('artist', 'producer', 'label', 'writer', 'engineer')),
      name text not null,
      threshold_units bigint not null check (threshold_units >= 0),
      created_at timestamptz not null default now(),
      unique (account_id, id)
    )`.execute(db)
  await sql`create index split_rules_account on split_rules (account_id, created_at desc, id desc)`.execute(db)
  await letMake(db, 'split_rules')

  // `processing`: its payouts are ordered, which happens once. `completed`: all that were ordered are in the chain. `failed`:
  // they are over, and at least one paid nothing.
  await sql`
    create table splits (
      id text collate "C" primary key,
      account_id text collate "C" not null references accounts (id) on delete restrict,
      amount_units bigint not null check (amount_units > 0),
      release text not null,
      trigger text not null check (trigger in ('streaming', 'sync', 'booking', 'manual')),
      status text not null default 'pending' check (status in ('pending', 'processing', 'completed', 'failed')),
      created_at timestamptz not null default now(),
      executed_at timestamptz,
      fee_units bigint check (fee_units between 0 and amount_units),
      completed_at timestamptz,
      unique (account_id, id),
      check ((status = 'pending') = (executed_at is null) and (executed_at is null) = (fee_units is null)),
      check ((status in ('completed', 'failed')) = (completed_at is not null))
    )`.execute(db)
  await sql`create index splits_account on splits (account_id, created_at desc, id desc)`.execute(db)
  await letMake(db, 'splits')
  await sql`
    create table split_shares (
      account_id text collate "C" not null,
      split_id text collate "C" not null,
      position integer not null check (position >= 0),
      rule_id text collate "C" not null,
      primary key (split_id, position),
      unique (split_id, rule_id),
      foreign key (account_id, split_id) references splits (account_id, id),
      foreign key (account_id, rule_id) references split_rules (account_id, id)
    )`.execute(db)
  await letMake(db, 'split_shares')
}

async function createPayouts(db: Kysely<unknown>): Promise<void> {
  // What became of one is in `chain_transfers`, under `ref`; without a `ref` nothing was ordered, and `skipped_because` says why.
  await sql`
    create table settlement_payouts (
      id text collate "C" primary key,
      account_id text collate "C" not null,
      booking_id text collate "C",
      split_id text collate "C",
      position integer not null check (position >= 0),
      kind text not null check (kind in ('share', 'fee', 'refund')),
      name text not null,
      address text collate "C" not null check (address ~ '^0x[0-9a-fA-F]{40}$'),
      units bigint not null check (units >= 0),
      attempt integer not null default 1 check (attempt > 0),
      ref text collate "C" unique,
      skipped_because text,
      booked_at timestamptz,
      created_at timestamptz not null default now(),
      foreign key (account_id, booking_id) references bookings (account_id, id),
      foreign key (account_id, split_id) references splits (account_id, id),
      unique nulls not distinct (booking_id, split_id, position),
      check (num_nonnulls(booking_id, split_id) = 1),
      check (num_nonnulls(ref, skipped_because) = 1),
      check (ref is null or units > 0),
      check (booked_at is null or (booking_id is not null and ref is not null))
    )`.execute(db)
  await sql`create index settlement_payouts_account on settlement_payouts (account_id, created_at)`.execute(db)
  await sql`create index settlement_payouts_split on settlement_payouts (split_id) where split_id is not null`.execute(db)
  await sql`create index settlement_payouts_unbooked on settlement_payouts (ref) where booking_id is not null and ref is not null and booked_at is null`.execute(
    db,
  )
  await letRead(db, 'settlement_payouts')
}

/** Accounts make and read their own rows; only the system connection changes them, since money follows from that. */
async function letMake(db: Kysely<unknown>, table: string): Promise<void> {
  await isolate(db, table)
  await sql`revoke update, delete on ${sql.table(table)} from ${sql.raw(APP_ROLE)}`.execute(db)
}

async function letRead(db: Kysely<unknown>, table: string): Promise<void> {
  await letMake(db, table)
  await sql`revoke insert on ${sql.table(table)} from ${sql.raw(APP_ROLE)}`.execute(db)
}

export async function down(db: Kysely<unknown>): Promise<void> {
  for (const table of ['settlement_payouts', 'split_shares', 'splits', 'split_rules', 'booking_deposits', 'booking_shares', 'bookings'])
    await sql`drop table ${sql.table(table)}`.execute(db)
  await sql`drop function booking_check_shares`.execute(db)
}
