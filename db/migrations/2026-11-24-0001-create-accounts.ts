import { sql, type Kysely } from 'kysely'
import { APP_ROLE } from '../engine.ts'
import { isolate } from '../row-level-security.ts'

export async function up(db: Kysely<unknown>): Promise<void> {
  // Roles belong to the whole server: another database of it may have made this one, or be making it now.
  await sql`
    do $$ begin
      if not exists (select from pg_roles where rolname = ${sql.lit(APP_ROLE)}) then create role ${sql.raw(APP_ROLE)} nologin; end if;
    exception when duplicate_object or unique_violation then null;
    end $$`.execute(db)
  // A superuser may take any role; whoever else made this one still has to be allowed to take it.
  await sql`
    do $$ begin
      if not (select rolsuper from pg_roles where rolname = current_user) then grant ${sql.raw(APP_ROLE)} to current_user; end if;
    end $$`.execute(db)
  await sql`grant usage on schema public to ${sql.raw(APP_ROLE)}`.execute(db)

  await sql`
    create table accounts (
      id text collate "C" primary key,
      email text not null,
      name text not null,
      password_hash text not null,
      plan text not null default 'free' check (plan in ('free', 'solo', 'collective', 'label', 'network')),
      subscription_status text not null default 'none',
      trial_ends_at timestamptz,
      email_verified_at timestamptz,
      notifications jsonb not null default '{}' check (jsonb_typeof(notifications) = 'object'),
      referral_code text not null unique check (referral_code = upper(referral_code)),
      referred_by text collate "C" references accounts (id) on delete set null,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now()
    )`.execute(db)
  await sql`create unique index accounts_email_unique on accounts (lower(email))`.execute(db)
  await sql`create index accounts_referred_by on accounts (referred_by)`.execute(db)
  await isolate(db, 'accounts', 'id')

  // The id is the hash of the token in the cookie: who reads the table cannot sign in with it.
  await sql`
    create table sessions (
      id text collate "C" primary key,
      account_id text collate "C" not null references accounts (id) on delete cascade,
      expires_at timestamptz not null
    )`.execute(db)
  await sql`create index sessions_account on sessions (account_id)`.execute(db)
  await isolate(db, 'sessions')

  await sql`
    create table api_keys (
      id text collate "C" primary key,
      account_id text collate "C" not null references accounts (id) on delete cascade,
      name text not null check (char_length(name) between 1 and 64),
      preview text not null,
      key_hash text collate "C" not null unique,
      scopes text[],
      rate_limit integer check (rate_limit > 0),
      expires_at timestamptz,
      last_used_at timestamptz,
      created_at timestamptz not null default now()
    )`.execute(db)
  await sql`create index api_keys_account on api_keys (account_id, created_at)`.execute(db)
  await isolate(db, 'api_keys')

  await sql`
    create table idempotency_keys (
      account_id text collate "C" not null references accounts (id) on delete cascade,
      key text not null check (char_length(key) between 1 and 255),
      operation text not null,
      input_hash text not null,
      sealed_output text,
      locked_until timestamptz not null,
      created_at timestamptz not null default now(),
      primary key (account_id, key)
    )`.execute(db)
  await sql`create index idempotency_keys_created on idempotency_keys (created_at)`.execute(db)
  await isolate(db, 'idempotency_keys')
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table idempotency_keys, api_keys, sessions, accounts`.execute(db)
}
