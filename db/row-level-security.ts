import { sql, type Kysely } from 'kysely'
import { APP_ROLE } from './engine.ts'

/**
 * Lets the application's role work on `table`, but only on rows whose `column` is the account set on
 * the connection. The account is read in a sub-select so that it is evaluated once per statement; it
 * is the empty string, which no account has as its id, on a connection that belongs to nobody.
 */
export async function isolate(db: Kysely<unknown>, table: string, column = 'account_id'): Promise<void> {
  const mine = sql`${sql.ref(column)} = (select current_setting('app.user_id', true))`
  await sql`alter table ${sql.table(table)} enable row level security`.execute(db)
  await sql`create policy own_rows on ${sql.table(table)} to ${sql.raw(APP_ROLE)} using (${mine}) with check (${mine})`.execute(db)
  await sql`grant select, insert, update, delete on ${sql.table(table)} to ${sql.raw(APP_ROLE)}`.execute(db)
}
