import { sql, type Kysely } from 'kysely'
import { APP_ROLE } from '../engine.ts'

/**
 * Servers that are alive say so in one row each; what they work on names them. Before, every turn and every
 * agent that was worked on had a lease of its own, too many to be renewed often.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  // It says nothing of any account, so everybody may read it.
  await sql`
    create table servers (
      id text collate "C" primary key,
      lease_expires_at timestamptz not null,
      alive_since timestamptz not null
    )`.execute(db)
  await sql`grant select on servers to ${sql.raw(APP_ROLE)}`.execute(db)

  await sql`alter table agent_turns add column server_id text collate "C", drop column lease_expires_at`.execute(db)
  await sql`alter table agent_watches add column lease_server_id text collate "C", drop column lease_until`.execute(db)

  // One server answers a message, once at a time. Of those that were answered twice at once the last try counts.
  await sql`
    update agent_turns as turn set status = 'failed', error = 'Answered twice at once.', finished_at = now()
    where status in ('queued', 'running') and exists (
      select from agent_turns as later
      where later.message_id = turn.message_id and later.position > turn.position and later.status in ('queued', 'running'))`.execute(db)
  await sql`create unique index agent_turns_one_open on agent_turns (message_id) where status in ('queued', 'running')`.execute(db)
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop index agent_turns_one_open`.execute(db)
  await sql`alter table agent_watches drop column lease_server_id, add column lease_until timestamptz`.execute(db)
  await sql`alter table agent_turns drop column server_id, add column lease_expires_at timestamptz`.execute(db)
  await sql`drop table servers`.execute(db)
}
