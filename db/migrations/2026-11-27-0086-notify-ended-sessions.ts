import { sql, type Kysely } from 'kysely'

/** Tells all servers of a session that was ended before its time: streams that it has open are ended, too. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create function notify_session_ended() returns trigger language plpgsql as $$
    begin
      perform pg_notify('sessions', old.public_id);
      return null;
    end $$`.execute(db)
  await sql`
    create trigger session_ended after delete on sessions
    for each row when (old.expires_at > now()) execute function notify_session_ended()`.execute(db)
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop trigger session_ended on sessions`.execute(db)
  await sql`drop function notify_session_ended`.execute(db)
}
