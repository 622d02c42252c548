import { sql, type Kysely } from 'kysely'

/** A link that went by mail only proves the mailbox it went to; one that was shown to the inviter proves nothing. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table invitations add is_mailed boolean not null default false`.execute(db)
  await sql`create index invitations_expires on invitations (expires_at)`.execute(db)
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop index invitations_expires`.execute(db)
  await sql`alter table invitations drop is_mailed`.execute(db)
}
