import { sql, type Kysely } from 'kysely'

/** What an agent's runtime last said of itself, why it is not well, and when its state was last seen. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table agent_watches
      add column gateway_url text,
      add column runtime_version text,
      add column runtime_image text,
      add column reason text,
      add column seen_at timestamptz`.execute(db)
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`alter table agent_watches drop column gateway_url, drop column runtime_version, drop column runtime_image, drop column reason, drop column seen_at`.execute(
    db,
  )
}
