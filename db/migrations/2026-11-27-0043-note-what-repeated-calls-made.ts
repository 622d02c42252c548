import { sql, type Kysely } from 'kysely'

/**
 * A call with an Idempotency-Key that was cut off, or failed, goes on with what it stored when it is repeated, and its
 * answer is forgotten with that. Whether it still runs is known from its server.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table idempotency_keys
      add column things text[] not null default '{}',
      add column server_id text,
      add column attempt_id text,
      drop column locked_until`.execute(db)
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table idempotency_keys
      drop column things,
      drop column server_id,
      drop column attempt_id,
      add column locked_until timestamptz not null default now()`.execute(db)
}
