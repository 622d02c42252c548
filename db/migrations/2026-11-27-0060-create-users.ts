import { sql, type Kysely } from 'kysely'
import { APP_ROLE } from '../engine.ts'
import { isolate, isolateByPerson } from '../row-level-security.ts'

/**
 * Takes the person out of the account: `accounts` stays what rows belong to (a workspace), and people are members of
 * it. The person of an account that was there before has the id of that account, which becomes the personal workspace.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table users (
      id text collate "C" primary key,
      email text,
      name text not null,
      email_verified_at timestamptz,
      notifications jsonb not null default '{}' check (jsonb_typeof(notifications) = 'object'),
      personal_account_id text collate "C" unique references accounts (id) on delete set null,
      suspended_at timestamptz,
      deleted_at timestamptz,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now()
    )`.execute(db)
  await sql`create unique index users_email_unique on users (lower(email))`.execute(db)
  await sql`
    insert into users (id, email, name, email_verified_at, notifications, personal_account_id, created_at, updated_at)
    select id, email, name, email_verified_at, notifications, id, created_at, updated_at from accounts`.execute(db)

  await sql`
    create table passwords (
      user_id text collate "C" primary key references users (id) on delete cascade,
      hash text not null,
      changed_at timestamptz not null default now()
    )`.execute(db)
  await sql`insert into passwords (user_id, hash, changed_at) select id, password_hash, updated_at from accounts where password_hash <> ''`.execute(
    db,
  )
  await hideFromApplication(db, 'passwords')

  await sql`
    create table memberships (
      account_id text collate "C" not null references accounts (id) on delete cascade,
      user_id text collate "C" not null references users (id) on delete cascade,
      role text not null check (role in ('owner', 'admin', 'member', 'viewer')),
      created_at timestamptz not null default now(),
      primary key (account_id, user_id)
    )`.execute(db)
  await sql`create index memberships_user on memberships (user_id)`.execute(db)
  await sql`insert into memberships (account_id, user_id, role, created_at) select id, id, 'owner', created_at from accounts`.execute(db)

  await sql`
    create table invitations (
      id text collate "C" primary key,
      account_id text collate "C" not null references accounts (id) on delete cascade,
      email text not null,
      role text not null check (role in ('owner', 'admin', 'member', 'viewer')),
      token_hash text collate "C" not null unique,
      invited_by text collate "C" references users (id) on delete set null,
      expires_at timestamptz not null,
      created_at timestamptz not null default now()
    )`.execute(db)
  await sql`create unique index invitations_email_unique on invitations (account_id, lower(email))`.execute(db)
  await isolate(db, 'invitations')

  await sql`
    create table identities (
      issuer text collate "C" not null,
      subject text collate "C" not null,
      user_id text collate "C" not null references users (id) on delete cascade,
      label text not null,
      email text,
      email_verified boolean not null default false,
      created_at timestamptz not null default now(),
      last_used_at timestamptz,
      primary key (issuer, subject)
    )`.execute(db)
  await sql`create index identities_user on identities (user_id, created_at)`.execute(db)
  await isolateByPerson(db, 'identities')

  // Links in mails, nonces, states of sign-ins elsewhere: only the hash is kept, and each is taken once.
  await sql`
    create table one_time_tokens (
      token_hash text collate "C" primary key,
      purpose text not null,
      user_id text collate "C" references users (id) on delete cascade,
      data jsonb not null default '{}' check (jsonb_typeof(data) = 'object'),
      expires_at timestamptz not null,
      created_at timestamptz not null default now()
    )`.execute(db)
  await sql`create index one_time_tokens_user on one_time_tokens (user_id, purpose)`.execute(db)
  await sql`create index one_time_tokens_expires on one_time_tokens (expires_at)`.execute(db)
  await hideFromApplication(db, 'one_time_tokens')

  await changeAccounts(db)
  await changeSessions(db)
  await changePasskeys(db)
  await sql`alter table api_keys add created_by text collate "C" references users (id) on delete set null`.execute(db)
  await sql`update api_keys set created_by = account_id where agent_id is null`.execute(db)
  await sql`create index api_keys_created_by on api_keys (created_by)`.execute(db)

  // Calls of before were those of the one person an account had.
  await sql`alter table idempotency_keys add caller text collate "C" not null default ''`.execute(db)
  await sql`update idempotency_keys set caller = account_id`.execute(db)
  await sql`alter table idempotency_keys alter caller drop default, drop constraint idempotency_keys_pkey, add primary key (account_id, caller, key)`.execute(
    db,
  )

  await showPeople(db)
  await keepAnOwner(db)
  await notifyOfPeople(db)
}

/** Leaves a table to the system's own connections. */
async function hideFromApplication(db: Kysely<unknown>, table: string): Promise<void> {
  await sql`alter table ${sql.table(table)} enable row level security`.execute(db)
}

async function changeAccounts(db: Kysely<unknown>): Promise<void> {
  await sql`drop trigger accounts_changed on accounts`.execute(db)
  await sql`
    alter table accounts
      drop email, drop password_hash, drop email_verified_at, drop notifications,
      add kind text not null default 'personal' check (kind in ('personal', 'team')),
      add suspended_at timestamptz,
      add deleted_at timestamptz`.execute(db)
  await sql`
    create trigger accounts_changed
    after delete or update of name, kind, plan, subscription_status, trial_ends_at, stripe_subscription_id, suspended_at, deleted_at on accounts
    for each row execute function notify_credential_change()`.execute(db)
}

async function changeSessions(db: Kysely<unknown>): Promise<void> {
  await sql`drop policy own_rows on sessions`.execute(db)
  await sql`
    alter table sessions
      add public_id text collate "C",
      add user_id text collate "C" references users (id) on delete cascade,
      add created_at timestamptz not null default now(),
      add last_seen_at timestamptz not null default now(),
      add ip text,
      add user_agent text,
      add method text not null default 'password',
      add authenticated_at timestamptz not null default now(),
      add second_factor boolean not null default false`.execute(db)
  await sql`
    update sessions set
      public_id = 'sess_' || replace(gen_random_uuid()::text, '-', ''), user_id = account_id,
      created_at = expires_at - interval '30 days', authenticated_at = expires_at - interval '30 days'`.execute(db)
  await sql`drop index sessions_account`.execute(db)
  await sql`
    alter table sessions
      alter public_id set not null,
      alter user_id set not null,
      alter account_id drop not null,
      drop constraint sessions_account_id_fkey,
      add unique (public_id),
      add foreign key (account_id, user_id) references memberships (account_id, user_id) on delete set null (account_id)`.execute(db)
  await sql`update sessions set account_id = null`.execute(db)
  await sql`create index sessions_user on sessions (user_id)`.execute(db)
  await sql`create index sessions_membership on sessions (account_id, user_id)`.execute(db)
  await isolateByPerson(db, 'sessions')
}

async function changePasskeys(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table agent_verifications
      drop constraint agent_verifications_account_id_passkey_id_fkey,
      add foreign key (passkey_id) references passkeys (id) on delete cascade`.execute(db)
  await sql`drop index agent_verifications_passkey`.execute(db)
  await sql`create index agent_verifications_passkey on agent_verifications (passkey_id)`.execute(db)
  for (const table of ['passkeys', 'passkey_challenges']) {
    await sql`drop policy own_rows on ${sql.table(table)}`.execute(db)
    await sql`alter table ${sql.table(table)} rename account_id to user_id`.execute(db)
    await sql`
      alter table ${sql.table(table)}
        drop constraint ${sql.ref(`${table}_account_id_fkey`)},
        add foreign key (user_id) references users (id) on delete cascade`.execute(db)
    await isolateByPerson(db, table)
  }
}

/** A membership shows when it is of the workspace or of the person; a person when a membership that shows names them. */
async function showPeople(db: Kysely<unknown>): Promise<void> {
  const role = sql.raw(APP_ROLE)
  const workspace = sql`(select current_setting('app.user_id', true))`
  const person = sql`(select current_setting('app.person_id', true))`
  await sql`alter table memberships enable row level security`.execute(db)
  await sql`create policy visible_rows on memberships for select to ${role} using (account_id = ${workspace} or user_id = ${person})`.execute(
    db,
  )
  await sql`grant select on memberships to ${role}`.execute(db)
  await sql`alter table users enable row level security`.execute(db)
  await sql`
    create policy visible_rows on users for select to ${role}
    using (id = ${person} or exists (select from memberships where memberships.user_id = users.id))`.execute(db)
  await sql`grant select on users to ${role}`.execute(db)
}

/**
 * A workspace never loses its last owner. Locking the account makes two who leave at once wait for each other: without
 * that each would still see the other. A workspace that is deleted, or kept for its books only, needs none.
 */
async function keepAnOwner(db: Kysely<unknown>): Promise<void> {
  await sql`
    create function keep_an_owner() returns trigger language plpgsql as $$
    begin
      perform from accounts where id = old.account_id and deleted_at is null for no key update;
      if found and not exists (select from memberships where account_id = old.account_id and role = 'owner') then
        raise exception 'account % has no owner', old.account_id using errcode = 'check_violation', constraint = 'memberships_keep_an_owner';
      end if;
      return null;
    end $$`.execute(db)
  await sql`
    create constraint trigger memberships_keep_an_owner after delete or update of role, user_id, account_id on memberships
    deferrable initially deferred for each row when (old.role = 'owner') execute function keep_an_owner()`.execute(db)
}

/** What a key or a session may do follows from people and memberships as well: servers that keep what they read hear of it. */
async function notifyOfPeople(db: Kysely<unknown>): Promise<void> {
  // A membership has no id, and whoever names a field of a row there is not fails.
  await sql`
    create or replace function notify_credential_change() returns trigger language plpgsql as $$
    begin
      perform pg_notify('credentials', to_jsonb(old) ->> case when tg_table_name = 'accounts' then 'id' else 'account_id' end);
      return null;
    end $$`.execute(db)
  await sql`
    create trigger memberships_changed after delete or update on memberships
    for each row execute function notify_credential_change()`.execute(db)
  await sql`
    create function notify_user_change() returns trigger language plpgsql as $$
    begin
      if old.personal_account_id is not null then perform pg_notify('credentials', old.personal_account_id); end if;
      perform pg_notify('credentials', account_id) from memberships where user_id = old.id;
      perform pg_notify('credentials', account_id) from api_keys where created_by = old.id;
      return null;
    end $$`.execute(db)
  await sql`
    create trigger users_changed
    after delete or update of email, name, email_verified_at, personal_account_id, suspended_at, deleted_at on users
    for each row execute function notify_user_change()`.execute(db)
}

export async function down(): Promise<void> {
  throw new Error('Workspaces with several people do not fit into accounts of one: put a backup of the database back.')
}
