import { sql, type Kysely } from 'kysely'

/** Tells all servers of an agent that is gone: those who wait for it or watch it are told in turn. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create function notify_agent_deleted() returns trigger language plpgsql as $$
    begin
      perform pg_notify('agents', json_build_object('kind', 'deleted', 'accountId', old.account_id, 'agentId', old.id)::text);
      return null;
    end $$`.execute(db)
  await sql`create trigger agent_deleted after delete on agents for each row execute function notify_agent_deleted()`.execute(db)
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop trigger agent_deleted on agents`.execute(db)
  await sql`drop function notify_agent_deleted`.execute(db)
}
