import { sql, type Kysely } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  // Work of the server itself, such as mail to somebody who may have no account. No account sees it.
  await sql`alter table jobs alter column account_id drop not null`.execute(db)
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`delete from jobs where account_id is null`.execute(db)
  await sql`alter table jobs alter column account_id set not null`.execute(db)
}
