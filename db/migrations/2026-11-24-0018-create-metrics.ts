import { sql, type Kysely } from 'kysely'
import { APP_ROLE } from '../engine.ts'
import { isolate } from '../row-level-security.ts'

/** What figures over time are made of: changes of status, samples of the load, and sums per hour. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table agent_status_changes (
      position bigint generated always as identity primary key,
      account_id text collate "C" not null,
      agent_id text collate "C" not null,
      from_status text,
      status text not null,
      changed_at timestamptz not null default now(),
      foreign key (account_id, agent_id) references agents (account_id, id) on delete cascade
    )`.execute(db)
  await sql`create index agent_status_changes_agent on agent_status_changes (account_id, agent_id, position)`.execute(db)
  await isolate(db, 'agent_status_changes')
  // A trigger, so that no writer can forget it. What agents did before it is not known.
  await sql`
    create function record_agent_status() returns trigger language plpgsql as $$
    begin
      insert into agent_status_changes (account_id, agent_id, from_status, status)
      values (new.account_id, new.id, case tg_op when 'UPDATE' then old.status end, new.status);
      return null;
    end $$`.execute(db)
  await sql`create trigger agent_status_recorded after insert on agents for each row execute function record_agent_status()`.execute(db)
  await sql`
    create trigger agent_status_change_recorded after update of status on agents
    for each row when (old.status is distinct from new.status) execute function record_agent_status()`.execute(db)
  await sql`insert into agent_status_changes (account_id, agent_id, status) select account_id, id, status from agents`.execute(db)

  // Load of the machines servers run on, in percent. It says nothing of any account, so everybody may read it.
  await sql`
    create table load_samples (
      sampled_at timestamptz not null default now(),
      server_id text collate "C" not null,
      cpu_percent double precision not null check (cpu_percent between 0 and 100),
      memory_percent double precision not null check (memory_percent between 0 and 100),
      primary key (sampled_at, server_id)
    )`.execute(db)
  await sql`grant select on load_samples to ${sql.raw(APP_ROLE)}`.execute(db)

  // Sums of whole hours (UTC). They can be computed again from what was recorded; an hour without any is missing.
  await sql`
    create table metric_hours (
      account_id text collate "C" not null references accounts (id) on delete cascade,
      hour timestamptz not null,
      messages integer not null,
      turns integer not null,
      errors integer not null,
      response_count integer not null,
      response_ms_sum bigint not null,
      cpu_percent double precision,
      memory_percent double precision,
      primary key (account_id, hour)
    )`.execute(db)
  await sql`create index metric_hours_hour on metric_hours (hour)`.execute(db)
  await isolate(db, 'metric_hours')

  // For the sums over all accounts; they cost next to nothing where rows come in the order of time.
  await sql`create index messages_created on messages using brin (created_at)`.execute(db)
  await sql`create index agent_turns_finished on agent_turns using brin (finished_at)`.execute(db)
  await sql`create index usage_events_created on usage_events using brin (created_at)`.execute(db)
  await sql`create index agent_turns_account on agent_turns (account_id, finished_at)`.execute(db)
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop index agent_turns_account, usage_events_created, agent_turns_finished, messages_created`.execute(db)
  await sql`drop table metric_hours, load_samples`.execute(db)
  await sql`drop trigger agent_status_change_recorded on agents`.execute(db)
  await sql`drop trigger agent_status_recorded on agents`.execute(db)
  await sql`drop function record_agent_status`.execute(db)
  await sql`drop table agent_status_changes`.execute(db)
}
