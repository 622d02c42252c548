import { sql, type Kysely } from 'kysely'
import { isolate } from '../row-level-security.ts'

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table passkeys (
      id text collate "C" primary key,
      account_id text collate "C" not null references accounts (id) on delete cascade,
      credential_id text collate "C" not null unique,
      public_key text not null,
      counter bigint not null check (counter >= 0),
      transports text[] not null,
      label text not null check (char_length(label) between 1 and 100),
      is_synced boolean not null,
      created_at timestamptz not null default now(),
      last_used_at timestamptz,
      unique (account_id, id)
    )`.execute(db)
  await isolate(db, 'passkeys')

  await sql`
    create table passkey_challenges (
      challenge text collate "C" primary key,
      account_id text collate "C" not null references accounts (id) on delete cascade,
      expires_at timestamptz not null
    )`.execute(db)
  await sql`create index passkey_challenges_account on passkey_challenges (account_id)`.execute(db)
  await isolate(db, 'passkey_challenges')
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table passkey_challenges, passkeys`.execute(db)
}
