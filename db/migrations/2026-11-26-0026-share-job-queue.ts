import { sql, type Kysely } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  // An agent answers one message at a time, so a second job of it would only wait in a place others could use.
  // What runs beside another job of its agent goes back into the queue; its server writes nothing of it any more.
  await sql`
    update jobs set status = 'queued', lease_owner = null, lease_expires_at = null
    where status = 'running' and exists (
      select from jobs as other where other.agent_id = jobs.agent_id and other.status = 'running' and other.id < jobs.id)`.execute(db)
  await sql`create unique index jobs_one_running_per_agent on jobs (agent_id) where status = 'running'`.execute(db)
  await sql`create index jobs_waiting_for_agent on jobs (agent_id, run_at, id) where status = 'queued'`.execute(db)
  await sql`create index jobs_open on jobs (account_id) where status in ('queued', 'running')`.execute(db)
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop index jobs_open, jobs_waiting_for_agent, jobs_one_running_per_agent`.execute(db)
}
