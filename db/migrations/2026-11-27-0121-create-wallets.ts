import { sql, type Kysely } from 'kysely'
import { isolate } from '../row-level-security.ts'

/** Wallets of workspaces, what may be spent from them without asking, and what was asked for. Amounts are millionths of USDC. */
export async function up(db: Kysely<unknown>): Promise<void> {
  // `own`: this server has the key, and sends from it. `client`: the same, on the test network, as many as somebody wants.
  // `hosted`: Coinbase has the key.
  await sql`
    create table wallets (
      id text collate "C" primary key,
      account_id text collate "C" not null references accounts (id),
      kind text not null check (kind in ('own', 'client', 'hosted')),
      address text collate "C" not null unique check (address ~ '^0x[0-9a-f]{40}$'),
      network text not null check (network in ('base', 'base-sepolia')),
      key_id text collate "C" unique references chain_keys (id),
      email text,
      created_at timestamptz not null default now(),
      check ((kind = 'hosted') = (key_id is null))
    )`.execute(db)
  await sql`create unique index wallets_one_of_a_kind on wallets (account_id, kind) where kind in ('own', 'hosted')`.execute(db)
  await sql`create index wallets_account on wallets (account_id, created_at)`.execute(db)
  await isolate(db, 'wallets')

  // Without an agent it is for everybody in the workspace, agents included. Null is no limit.
  await sql`
    create table wallet_policies (
      id text collate "C" primary key,
      account_id text collate "C" not null references accounts (id),
      agent_id text collate "C" references agents (id) on delete cascade,
      per_transfer_units bigint check (per_transfer_units >= 0),
      per_day_units bigint check (per_day_units >= 0),
      approval_above_units bigint check (approval_above_units >= 0),
      allowed_recipients text[],
      updated_at timestamptz not null default now(),
      unique nulls not distinct (account_id, agent_id)
    )`.execute(db)
  await sql`create index wallet_policies_agent on wallet_policies (agent_id)`.execute(db)
  await isolate(db, 'wallet_policies')

  // `ordered`: it is, or will be, sent; \`chain_transfers\` has the rest of its life, under \`wallet:<id>\`. The name of an agent stays when it is gone.
  await sql`
    create table wallet_sends (
      id text collate "C" primary key,
      account_id text collate "C" not null references accounts (id),
      wallet_id text collate "C" not null references wallets (id),
      agent_id text collate "C",
      requested_by text collate "C" not null,
      recipient text collate "C" not null check (recipient ~ '^0x[0-9a-f]{40}$'),
      amount_units bigint not null check (amount_units > 0),
      state text not null check (state in ('waiting', 'ordered', 'declined')),
      reason text,
      decided_by text collate "C",
      created_at timestamptz not null default now(),
      ordered_at timestamptz,
      check ((state = 'ordered') = (ordered_at is not null)),
      check (state = 'ordered' or reason is not null)
    )`.execute(db)
  await sql`create index wallet_sends_account on wallet_sends (account_id, created_at)`.execute(db)
  await sql`create index wallet_sends_ordered on wallet_sends (account_id, ordered_at) where state = 'ordered'`.execute(db)
  await isolate(db, 'wallet_sends')
}

export async function down(db: Kysely<unknown>): Promise<void> {
  for (const table of ['wallet_sends', 'wallet_policies', 'wallets']) await sql`drop table ${sql.table(table)}`.execute(db)
}
