import { sql, type Kysely } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  // Room in the plan is counted by what a value takes once serialised, and pages of memory are cut by it.
  await sql`
    alter table agent_memories
      add column bytes integer not null generated always as (octet_length(key) + octet_length(value::text)) stored`.execute(db)
  await sql`create index agent_memories_use on agent_memories (account_id) include (bytes)`.execute(db)
  await sql`create index agent_memories_page on agent_memories (account_id, key collate "C", updated_at desc)`.execute(db)
  await sql`create index agent_memories_agent_page on agent_memories (agent_id, key collate "C")`.execute(db)
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop index agent_memories_agent_page, agent_memories_page, agent_memories_use`.execute(db)
  await sql`alter table agent_memories drop column bytes`.execute(db)
}
