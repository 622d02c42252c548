import { sql, type Kysely } from 'kysely'

/** What an API key that may spend only so much takes from the account's credits counts against it. The key may be gone by then. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table ledger_holds add column key_id text collate "C"`.execute(db)
  await sql`create index ledger_holds_key on ledger_holds (key_id, created_at) where key_id is not null`.execute(db)
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`alter table ledger_holds drop column key_id`.execute(db)
}
