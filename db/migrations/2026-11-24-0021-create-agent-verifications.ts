import { sql, type Kysely } from 'kysely'
import { isolate } from '../row-level-security.ts'

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table agent_verifications (
      agent_id text collate "C" primary key,
      account_id text collate "C" not null,
      type text not null check (type in ('eas', 'coinbase', 'ens', 'webauthn')),
      attestation_uid text not null,
      wallet text,
      passkey_id text collate "C",
      metadata jsonb not null check (jsonb_typeof(metadata) = 'object'),
      verified_at timestamptz not null default now(),
      expires_at timestamptz,
      checked_at timestamptz not null default now(),
      tried_at timestamptz not null default now(),
      lapsed_reason text,
      check ((type = 'webauthn') = (passkey_id is not null)),
      check ((type = 'webauthn') = (wallet is null)),
      foreign key (account_id, agent_id) references agents (account_id, id) on delete cascade,
      foreign key (account_id, passkey_id) references passkeys (account_id, id) on delete cascade
    )`.execute(db)
  await sql`create index agent_verifications_passkey on agent_verifications (account_id, passkey_id)`.execute(db)
  await isolate(db, 'agent_verifications')

  await sql`
    create table verification_challenges (
      account_id text collate "C" not null,
      agent_id text collate "C" not null,
      type text not null check (type in ('eas', 'coinbase', 'ens', 'webauthn')),
      challenge text not null,
      expires_at timestamptz not null,
      primary key (agent_id, type),
      foreign key (account_id, agent_id) references agents (account_id, id) on delete cascade
    )`.execute(db)
  await isolate(db, 'verification_challenges')
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table verification_challenges, agent_verifications`.execute(db)
}
