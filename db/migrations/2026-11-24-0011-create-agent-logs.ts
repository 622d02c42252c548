import { sql, type Kysely } from 'kysely'
import { isolate } from '../row-level-security.ts'

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table agent_logs (
      id text collate "C" primary key,
      account_id text collate "C" not null,
      agent_id text collate "C" not null,
      level text not null check (level in ('debug', 'info', 'warn', 'error')),
      source text not null check (source in ('agent', 'runtime', 'watchdog', 'channel')),
      message text not null,
      created_at timestamptz not null default now(),
      foreign key (account_id, agent_id) references agents (account_id, id) on delete cascade
    )`.execute(db)
  await sql`create index agent_logs_newest on agent_logs (agent_id, id desc)`.execute(db)
  await isolate(db, 'agent_logs')
  await sql`
    create function notify_agent_log() returns trigger language plpgsql as $$
    begin
      perform pg_notify('agents', json_build_object('kind', 'log', 'accountId', new.account_id, 'agentId', new.agent_id, 'logId', new.id)::text);
      return null;
    end $$`.execute(db)
  await sql`create trigger agent_log_written after insert on agent_logs for each row execute function notify_agent_log()`.execute(db)
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table agent_logs`.execute(db)
  await sql`drop function notify_agent_log`.execute(db)
}
