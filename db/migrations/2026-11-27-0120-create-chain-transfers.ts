import { sql, type Kysely } from 'kysely'
import { APP_ROLE } from '../engine.ts'

/** Keys of addresses on a chain that this server holds for workspaces, and what is sent from them. */
export async function up(db: Kysely<unknown>): Promise<void> {
  // What is at such an address is somebody's money, so a key is never deleted, and no workspace sees the table.
  await sql`
    create table chain_keys (
      id text collate "C" primary key,
      account_id text collate "C" not null references accounts (id),
      purpose text not null check (purpose in ('wallet', 'escrow')),
      address text collate "C" not null unique check (address ~ '^0x[0-9a-f]{40}$'),
      sealed_key text not null,
      is_imported boolean not null,
      created_at timestamptz not null default now()
    )`.execute(db)
  await sql`create index chain_keys_account on chain_keys (account_id, purpose, created_at)`.execute(db)
  await sql`alter table chain_keys enable row level security`.execute(db)

  // The counter of nonces of a key on one chain, and who sends with it at the moment.
  await sql`
    create table chain_senders (
      key_id text collate "C" not null references chain_keys (id),
      chain_id bigint not null,
      next_nonce bigint not null check (next_nonce >= 0),
      leased_by text collate "C",
      lease_expires_at timestamptz,
      primary key (key_id, chain_id),
      check ((leased_by is null) = (lease_expires_at is null))
    )`.execute(db)
  await sql`alter table chain_senders enable row level security`.execute(db)

  // One row per payment to be made, once. `queued`: nothing is signed yet. `signed`: there is a transaction, and the
  // chain may have it. `broadcast`: the chain has said that it has it. `confirmed`: deep enough in the chain. `failed`:
  // nothing was or ever will be paid.
  await sql`
    create table chain_transfers (
      id text collate "C" primary key,
      account_id text collate "C" not null references accounts (id),
      key_id text collate "C" not null references chain_keys (id),
      chain_id bigint not null,
      ref text collate "C" not null unique,
      recipient text collate "C" not null check (recipient ~ '^0x[0-9a-f]{40}$'),
      asset text collate "C" check (asset ~ '^0x[0-9a-f]{40}$'),
      amount numeric(78, 0) not null check (amount > 0),
      waits_for_funds boolean not null,
      state text not null default 'queued' check (state in ('queued', 'signed', 'broadcast', 'confirmed', 'failed')),
      problem text,
      nonce bigint check (nonce >= 0),
      tx_hash text collate "C" check (tx_hash ~ '^0x[0-9a-f]{64}$'),
      block_number bigint,
      block_hash text collate "C",
      fee_wei numeric(78, 0) check (fee_wei >= 0),
      created_at timestamptz not null default now(),
      signed_at timestamptz,
      ended_at timestamptz,
      unique (key_id, chain_id, nonce),
      check ((nonce is null) = (signed_at is null) and (nonce is null) = (tx_hash is null)),
      check (state <> 'queued' or nonce is null),
      check (state not in ('signed', 'broadcast', 'confirmed') or nonce is not null),
      check ((block_number is null) = (block_hash is null)),
      check (state <> 'confirmed' or block_number is not null),
      check (state <> 'failed' or problem is not null),
      check ((state in ('confirmed', 'failed')) = (ended_at is not null))
    )`.execute(db)
  await sql`create index chain_transfers_open on chain_transfers (key_id, chain_id, nonce, id) where state in ('queued', 'signed', 'broadcast')`.execute(
    db,
  )
  await sql`create index chain_transfers_account on chain_transfers (account_id, created_at)`.execute(db)
  await sql`alter table chain_transfers enable row level security`.execute(db)
  await sql`create policy own_rows on chain_transfers for select to ${sql.raw(APP_ROLE)} using (account_id = (select current_setting('app.user_id', true)))`.execute(
    db,
  )
  await sql`grant select on chain_transfers to ${sql.raw(APP_ROLE)}`.execute(db)

  // Everything that was ever signed for a transfer: one transaction, and others of the same nonce with a higher fee, of
  // which the chain takes one.
  await sql`
    create table chain_transactions (
      hash text collate "C" primary key check (hash ~ '^0x[0-9a-f]{64}$'),
      transfer_id text collate "C" not null references chain_transfers (id),
      position integer not null check (position > 0),
      raw text not null check (raw ~ '^0x[0-9a-f]+$'),
      gas numeric(78, 0) not null,
      max_fee_per_gas numeric(78, 0) not null,
      max_priority_fee_per_gas numeric(78, 0) not null,
      created_at timestamptz not null default now(),
      unique (transfer_id, position)
    )`.execute(db)
  await sql`alter table chain_transactions enable row level security`.execute(db)
}

export async function down(db: Kysely<unknown>): Promise<void> {
  for (const table of ['chain_transactions', 'chain_transfers', 'chain_senders', 'chain_keys'])
    await sql`drop table ${sql.table(table)}`.execute(db)
}
