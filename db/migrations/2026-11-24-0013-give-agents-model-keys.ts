import { sql, type Kysely } from 'kysely'

/** A key can belong to an agent that calls models through this server; it goes with the agent. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table api_keys add column agent_id text collate "C"`.execute(db)
  await sql`
    alter table api_keys add constraint api_keys_agent
    foreign key (account_id, agent_id) references agents (account_id, id) on delete cascade`.execute(db)
  await sql`create unique index api_keys_one_per_agent on api_keys (agent_id) where agent_id is not null`.execute(db)
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`delete from api_keys where agent_id is not null`.execute(db)
  await sql`alter table api_keys drop column agent_id`.execute(db)
}
