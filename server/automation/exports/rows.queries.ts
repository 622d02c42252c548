import { sql, type RawBuilder } from 'kysely'
import type { Db } from '#db/client.ts'
import type { ExportedTable } from './exported-tables.rules.ts'

/** A row as it is written, in JSON, and its place among those of its table. */
export interface ExportedRow {
  line: string
  place: string
}

/** Rows of one statement. One of them may be as large as a message or a configuration can be. */
export const ROWS_AT_ONCE = 200

const owns = (table: ExportedTable, ownerId: string): RawBuilder<unknown> => {
  if (table.only === 'ledger') return sql`t.book_id in (select id from ledger_books where account_id = ${ownerId})`
  const isOwn = sql`${sql.ref(`t.${table.owner ?? 'account_id'}`)} = ${ownerId}`
  return table.only === 'agentWork' ? sql`${isOwn} and t.type in ('gateway_chat_completion', 'scheduled_run')` : isOwn
}

const added = (table: ExportedTable): RawBuilder<unknown> =>
  table.adds === 'member'
    ? sql`|| jsonb_build_object('name', (select name from users where users.id = t.user_id), 'email', (select email from users where users.id = t.user_id))`
    : sql``

/**
 * Rows of a table from behind a place, without what is secret. They never become values of this program: numbers and times
 * are written as the database has them.
 *
 * @param name Of the table; the caller knows it from the list of those that are exported.
 * @param ownerId Whose rows: the id of a workspace, or of a person.
 */
export async function listRows(db: Db, name: string, table: ExportedTable, ownerId: string, after?: string): Promise<ExportedRow[]> {
  const columns = table.order.map((column) => sql.ref(`t.${column}`))
  const places = table.order.map((column) => sql`${sql.lit(column)}, ${sql.ref(`t.${column}`)}`)
  // The place is read back as a row of the table, so that each column is compared as what it is.
  const reached = table.order.map(
    (column) => sql`(select ${sql.ref(column)} from jsonb_populate_record(null::${sql.table(name)}, ${after}::jsonb))`,
  )
  const isBehind = after === undefined ? sql`true` : sql`(${sql.join(columns)}) > (${sql.join(reached)})`
  const { rows } = await sql<ExportedRow>`
    select ((to_jsonb(t) - ${[...(table.without ?? [])]}::text[]) ${added(table)})::text as line,
      jsonb_build_object(${sql.join(places)})::text as place
    from ${sql.table(name)} as t
    where ${owns(table, ownerId)} and ${isBehind}
    order by ${sql.join(columns)} limit ${ROWS_AT_ONCE}`.execute(db)
  return rows
}
