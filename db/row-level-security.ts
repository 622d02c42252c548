import { sql, type Kysely } from 'kysely'
import { APP_ROLE } from './engine.ts'

/** What is set on a connection of the application's role: the workspace it works in, and the person it works for. */
type Setting = 'app.user_id' | 'app.person_id'

/**
 * Lets the application's role work on `table`, but only on rows whose `column` is the workspace set on
 * the connection. It is read in a sub-select so that it is evaluated once per statement; it
 * is the empty string, which no workspace has as its id, on a connection that belongs to nobody.
 */
export const isolate = (db: Kysely<unknown>, table: string, column = 'account_id'): Promise<void> =>
  isolateBy(db, table, column, 'app.user_id')

/** Lets the application's role work on the rows of `table` that are of the person set on the connection, and no others. */
export const isolateByPerson = (db: Kysely<unknown>, table: string, column = 'user_id'): Promise<void> =>
  isolateBy(db, table, column, 'app.person_id')

async function isolateBy(db: Kysely<unknown>, table: string, column: string, setting: Setting): Promise<void> {
  const mine = sql`${sql.ref(column)} = (select current_setting(${sql.lit(setting)}, true))`
  await sql`alter table ${sql.table(table)} enable row level security`.execute(db)
  await sql`create policy own_rows on ${sql.table(table)} to ${sql.raw(APP_ROLE)} using (${mine}) with check (${mine})`.execute(db)
  await sql`grant select, insert, update, delete on ${sql.table(table)} to ${sql.raw(APP_ROLE)}`.execute(db)
}

/** Lets the application's role read its own rows of `table`; only the system connection writes what is money. */
export async function letRead(db: Kysely<unknown>, table: string): Promise<void> {
  await isolate(db, table)
  await sql`revoke insert, update, delete on ${sql.table(table)} from ${sql.raw(APP_ROLE)}`.execute(db)
}
