import { sql, type Kysely } from 'kysely'
import { isolate } from '../row-level-security.ts'

export async function up(db: Kysely<unknown>): Promise<void> {
  // Work that nobody waits for. Of the jobs with one `exclusive_key` only one runs at a time. A job that
  // runs has a lease; when its server dies the lease runs out and another server takes the job over.
  // `progress` is what an attempt has to know of those before it. A job of a schedule is a run of it;
  // one moment of a schedule makes one run, however many servers see it come.
  await sql`
    create table jobs (
      id text collate "C" primary key,
      account_id text collate "C" not null references accounts (id) on delete cascade,
      agent_id text collate "C",
      type text not null,
      payload jsonb not null default '{}' check (jsonb_typeof(payload) = 'object'),
      status text not null default 'queued' check (status in ('queued', 'running', 'completed', 'failed', 'skipped')),
      attempts smallint not null default 0 check (attempts >= 0),
      max_attempts smallint not null check (max_attempts >= 1),
      slots smallint not null default 0 check (slots >= 0),
      exclusive_key text collate "C",
      run_at timestamptz not null,
      lease_owner text,
      lease_expires_at timestamptz,
      progress jsonb,
      result jsonb,
      error text,
      error_code text,
      schedule_id text collate "C",
      scheduled_for timestamptz,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now(),
      started_at timestamptz,
      completed_at timestamptz,
      unique (schedule_id, scheduled_for),
      foreign key (account_id, agent_id) references agents (account_id, id) on delete set null (agent_id),
      foreign key (account_id, schedule_id) references schedules (account_id, id) on delete cascade,
      check ((schedule_id is null) = (scheduled_for is null)),
      check ((status = 'running') = (lease_owner is not null)),
      check ((lease_owner is null) = (lease_expires_at is null))
    )`.execute(db)
  await sql`create unique index jobs_one_running on jobs (exclusive_key) where status = 'running'`.execute(db)
  await sql`create index jobs_waiting on jobs (run_at, id) where status = 'queued'`.execute(db)
  await sql`create index jobs_leased on jobs (lease_expires_at) where status = 'running'`.execute(db)
  await sql`create index jobs_exclusive on jobs (exclusive_key, run_at, id) where status = 'queued'`.execute(db)
  await sql`create index jobs_open_runs on jobs (schedule_id) where status in ('queued', 'running')`.execute(db)
  await sql`create index jobs_slots on jobs (account_id, created_at) where slots > 0`.execute(db)
  await sql`create index jobs_agent on jobs (account_id, agent_id)`.execute(db)
  await sql`create index jobs_ended on jobs (completed_at) where completed_at is not null`.execute(db)
  await isolate(db, 'jobs')

  await sql`
    create trigger jobs_queued after insert on jobs
    for each row when (new.status = 'queued') execute function notify_work()`.execute(db)
  await sql`
    create trigger jobs_queued_again after update of status on jobs
    for each row when (new.status = 'queued' and old.status <> 'queued') execute function notify_work()`.execute(db)
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table jobs`.execute(db)
}
