import { sql, type Kysely } from 'kysely'
import { isolate } from '../row-level-security.ts'

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table agents (
      id text collate "C" primary key,
      account_id text collate "C" not null references accounts (id) on delete cascade,
      name text not null check (char_length(name) between 1 and 64),
      model text not null,
      status text not null default 'pending'
        check (status in ('pending', 'provisioning', 'starting', 'running', 'degraded', 'repairing', 'crash_loop', 'stopped', 'error')),
      plan text not null check (plan in ('free', 'solo', 'collective', 'label', 'network')),
      ai_provider text not null,
      config jsonb not null default '{}' check (jsonb_typeof(config) = 'object'),
      started_at timestamptz,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now(),
      unique (account_id, id)
    )`.execute(db)
  await sql`create index agents_account_created on agents (account_id, created_at desc, id desc)`.execute(db)
  await isolate(db, 'agents')

  await sql`
    create table agent_credentials (
      account_id text collate "C" not null,
      agent_id text collate "C" not null,
      key text not null check (char_length(key) between 1 and 64),
      sealed_value text not null,
      updated_at timestamptz not null default now(),
      primary key (agent_id, key),
      foreign key (account_id, agent_id) references agents (account_id, id) on delete cascade
    )`.execute(db)
  await isolate(db, 'agent_credentials')

  await sql`
    create table agent_memories (
      account_id text collate "C" not null,
      agent_id text collate "C" not null,
      key text not null check (char_length(key) between 1 and 255),
      value jsonb not null,
      updated_at timestamptz not null default now(),
      primary key (agent_id, key),
      foreign key (account_id, agent_id) references agents (account_id, id) on delete cascade
    )`.execute(db)
  await sql`create index agent_memories_account on agent_memories (account_id, updated_at desc)`.execute(db)
  await isolate(db, 'agent_memories')

  await sql`
    create table agent_skills (
      account_id text collate "C" not null,
      agent_id text collate "C" not null,
      skill_id text not null,
      name text not null,
      description text not null,
      is_enabled boolean not null default true,
      installed_at timestamptz not null default now(),
      primary key (agent_id, skill_id),
      foreign key (account_id, agent_id) references agents (account_id, id) on delete cascade
    )`.execute(db)
  await isolate(db, 'agent_skills')
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table agent_skills, agent_memories, agent_credentials, agents`.execute(db)
}
