import { sql, type Kysely } from 'kysely'

/** Passkeys work on the host they were made for alone; null for those of before, until the server starts and says which it is. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table passkeys add rp_id text collate "C"`.execute(db)
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`alter table passkeys drop rp_id`.execute(db)
}
