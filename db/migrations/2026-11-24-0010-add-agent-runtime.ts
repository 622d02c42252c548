import { sql, type Kysely } from 'kysely'
import { isolate } from '../row-level-security.ts'

/** What an agent has where it runs; who works on it now, and how it did lately; and every change of its status told to all servers. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table agents
      add column instance_id text collate "C" not null unique default replace(gen_random_uuid()::text, '-', ''),
      add column image text,
      add column sealed_token text,
      add column sealed_model_key text`.execute(db)
  await sql`
    create table agent_watches (
      agent_id text collate "C" primary key,
      account_id text collate "C" not null,
      lease_token text,
      lease_until timestamptz,
      next_check_at timestamptz,
      crashes text[] not null default '{}',
      failed_starts integer not null default 0 check (failed_starts >= 0),
      repairs integer not null default 0 check (repairs >= 0),
      foreign key (account_id, agent_id) references agents (account_id, id) on delete cascade
    )`.execute(db)
  await sql`create index agent_watches_due on agent_watches (next_check_at) where next_check_at is not null`.execute(db)
  await isolate(db, 'agent_watches')

  await sql`
    create function notify_agent_status() returns trigger language plpgsql as $$
    begin
      perform pg_notify('agents', json_build_object('kind', 'status', 'accountId', new.account_id, 'agentId', new.id, 'status', new.status)::text);
      return null;
    end $$`.execute(db)
  await sql`
    create trigger agent_status_changed after update of status on agents
    for each row when (old.status is distinct from new.status) execute function notify_agent_status()`.execute(db)
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop trigger agent_status_changed on agents`.execute(db)
  await sql`drop function notify_agent_status`.execute(db)
  await sql`drop table agent_watches`.execute(db)
  await sql`alter table agents drop column sealed_model_key, drop column sealed_token, drop column image, drop column instance_id`.execute(
    db,
  )
}
