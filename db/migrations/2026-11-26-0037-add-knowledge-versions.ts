import { sql, type Kysely } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  // The version counts the changes of what an agent knows; its runtime was told of the first `knowledge_told` of them.
  await sql`
    alter table agent_watches
      add column knowledge_version integer not null default 0,
      add column knowledge_told integer not null default 0,
      add column knowledge_retry_at timestamptz`.execute(db)
  await sql`create index agent_watches_untold on agent_watches (agent_id) where knowledge_version > knowledge_told`.execute(db)
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`alter table agent_watches drop column knowledge_version, drop column knowledge_told, drop column knowledge_retry_at`.execute(db)
}
