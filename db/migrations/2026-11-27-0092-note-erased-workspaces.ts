import { sql, type Kysely } from 'kysely'

/**
 * A workspace that was deleted can be taken back for some days. Then what is in it is erased; the row stays, with nothing in it
 * that tells whose it was, because the books refer to it.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table accounts add column erased_at timestamptz, add check (erased_at is null or deleted_at is not null)`.execute(db)
  await sql`create index accounts_deleted on accounts (deleted_at) where deleted_at is not null and erased_at is null`.execute(db)
  await sql`create index users_deleted on users (deleted_at) where deleted_at is not null`.execute(db)
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop index users_deleted`.execute(db)
  await sql`alter table accounts drop column erased_at`.execute(db)
}
