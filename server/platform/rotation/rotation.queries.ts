import { sql, type RawBuilder } from 'kysely'
import type { Db } from '#db/client.ts'
import type { SealedColumn } from './sealed-column.ts'

/** Names of the columns that tell the rows of a table apart, in their order. */
export async function readPrimaryKey(db: Db, table: string): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    select attname as name from pg_index
    join lateral unnest(indkey) with ordinality as part (number, position) on true
    join pg_attribute on attrelid = indrelid and attnum = part.number
    where indrelid = ${table}::regclass and indisprimary order by part.position`.execute(db)
  return rows.map(({ name }) => name)
}

/** A row with its place, and the value of its column as text. */
export interface SealedRow {
  /** Its other columns, by their names in TypeScript. */
  row: Record<string, string>
  place: string[]
  value: string
  isJson: boolean
}

const listOf = (names: string[]): RawBuilder<unknown> => sql.join(names.map((name) => sql`${sql.ref(name)}::text`))

const camelCase = (name: string): string => name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase())

/** Rows that have something in the column, in the order of their places, from behind one. */
export async function listRows(
  db: Db,
  { table, column }: SealedColumn,
  key: string[],
  limit: number,
  after?: string[],
): Promise<SealedRow[]> {
  const behind = after ? sql`and (${listOf(key)}) > (${sql.join(after)})` : sql``
  const { rows } = await sql<SealedRow>`
    select to_jsonb(t) - ${column}::text as row, array[${listOf(key)}] as place, ${sql.ref(column)}::text as value,
      pg_typeof(${sql.ref(column)})::text = 'jsonb' as "isJson"
    from ${sql.table(table)} t where ${sql.ref(column)} is not null ${behind}
    order by ${listOf(key)} limit ${limit}`.execute(db)
  return rows.map((one) => ({ ...one, row: Object.fromEntries(Object.entries(one.row).map(([name, value]) => [camelCase(name), value])) }))
}

/** Replaces the value that was read, unless somebody else has meanwhile: that one sealed it with the present secret. */
export const replaceValue = (db: Db, { table, column }: SealedColumn, key: string[], { place, value, isJson }: SealedRow, next: string) => {
  const same = isJson ? sql`${sql.ref(column)} = ${value}::jsonb` : sql`${sql.ref(column)} = ${value}`
  return sql`
    update ${sql.table(table)} set ${sql.ref(column)} = ${isJson ? sql`${next}::jsonb` : sql`${next}`}
    where (${listOf(key)}) = (${sql.join(place)}) and ${same}`.execute(db)
}
