import { sql, type Kysely } from 'kysely'
import { isolate } from '../row-level-security.ts'

export async function up(db: Kysely<unknown>): Promise<void> {
  // What an agent is asked by itself, again and again: heartbeats, scheduled tasks and cron jobs.
  // `next_run_at` is absent while a schedule is switched off.
  await sql`
    create table schedules (
      id text collate "C" primary key,
      account_id text collate "C" not null,
      agent_id text collate "C" not null,
      kind text not null check (kind in ('heartbeat', 'task', 'cron')),
      name text not null check (char_length(name) between 1 and 200),
      description text,
      prompt text not null check (char_length(prompt) between 1 and 32000),
      payload jsonb check (jsonb_typeof(payload) = 'object'),
      cron_expression text,
      every_ms bigint check (every_ms >= 1000),
      is_enabled boolean not null default true,
      next_run_at timestamptz,
      last_run_at timestamptz,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now(),
      unique (account_id, id),
      foreign key (account_id, agent_id) references agents (account_id, id) on delete cascade,
      check (num_nonnulls(cron_expression, every_ms) = 1),
      check (is_enabled = (next_run_at is not null))
    )`.execute(db)
  await sql`create unique index schedules_one_heartbeat on schedules (agent_id) where kind = 'heartbeat'`.execute(db)
  await sql`create index schedules_due on schedules (next_run_at) where next_run_at is not null`.execute(db)
  await sql`create index schedules_account on schedules (account_id, id desc)`.execute(db)
  await sql`create index schedules_agent on schedules (account_id, agent_id)`.execute(db)
  await isolate(db, 'schedules')

  // Servers sleep until the next schedule is due; they are woken for what is due earlier than that.
  await sql`
    create function notify_work() returns trigger language plpgsql as $$
    begin
      perform pg_notify('work', '');
      return null;
    end $$`.execute(db)
  await sql`
    create trigger schedules_added after insert on schedules
    for each row when (new.next_run_at is not null) execute function notify_work()`.execute(db)
  await sql`
    create trigger schedules_earlier after update of next_run_at on schedules
    for each row when (old.next_run_at is null or new.next_run_at < old.next_run_at) execute function notify_work()`.execute(db)
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table schedules`.execute(db)
  await sql`drop function notify_work`.execute(db)
}
