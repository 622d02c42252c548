import { sql, type Kysely } from 'kysely'

/**
 * What is done later, or elsewhere, for a call with an API key that may spend only so much counts against that key: runs of
 * a schedule, and the model calls of an agent outside of this server while it answers. The key may be gone by then.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table schedules add column key_id text collate "C"`.execute(db)
  await sql`alter table agent_turns add column key_id text collate "C"`.execute(db)
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`alter table agent_turns drop column key_id`.execute(db)
  await sql`alter table schedules drop column key_id`.execute(db)
}
