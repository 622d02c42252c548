import { sql, type Kysely } from 'kysely'
import { isolate } from '../row-level-security.ts'

/** One row per run of a tool by an agent. `turn_id` says for which message; it may be gone already. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table tool_runs (
      position bigint generated always as identity primary key,
      account_id text collate "C" not null,
      agent_id text collate "C" not null,
      turn_id text collate "C" not null,
      tool_name text not null,
      is_ok boolean not null,
      ms double precision check (ms >= 0),
      created_at timestamptz not null default now(),
      foreign key (account_id, agent_id) references agents (account_id, id) on delete cascade
    )`.execute(db)
  await sql`create index tool_runs_account on tool_runs (account_id, created_at)`.execute(db)
  await isolate(db, 'tool_runs')
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table tool_runs`.execute(db)
}
