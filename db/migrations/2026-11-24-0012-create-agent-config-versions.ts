import { sql, type Kysely } from 'kysely'
import { isolate } from '../row-level-security.ts'

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table agent_config_versions (
      account_id text collate "C" not null,
      agent_id text collate "C" not null,
      version integer not null check (version > 0),
      config jsonb not null check (jsonb_typeof(config) = 'object'),
      created_at timestamptz not null default now(),
      primary key (agent_id, version),
      foreign key (account_id, agent_id) references agents (account_id, id) on delete cascade
    )`.execute(db)
  await isolate(db, 'agent_config_versions')
  await sql`
    insert into agent_config_versions (account_id, agent_id, version, config, created_at)
    select account_id, id, 1, config, updated_at from agents`.execute(db)
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table agent_config_versions`.execute(db)
}
