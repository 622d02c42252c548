import { sql, type Kysely } from 'kysely'

/** In which time zone a cron expression is meant: until now that was UTC. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table schedules add column timezone text collate "C" not null default 'UTC'`.execute(db)
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`alter table schedules drop column timezone`.execute(db)
}
