import { sql } from 'kysely'
import type { TestServer } from '../helpers/test-server.ts'

/** Tables that hold rows of accounts, and the column that says whose; read from the database, so that none is forgotten. */
export async function tenantTables({ platform }: TestServer): Promise<{ table: string; column: string }[]> {
  const { rows } = await sql<{ table: string; column: string }>`
    select table_name as table, column_name as column from information_schema.columns
    where table_schema = 'public' and (column_name = 'account_id' or (table_name = 'accounts' and column_name = 'id'))
    order by table_name`.execute(platform.databases.system)
  return rows
}

/** Every row of an account in every table, as text that can be compared. */
export async function dumpRows(server: TestServer, accountId: string): Promise<string> {
  const { system } = server.platform.databases
  const tables = await tenantTables(server)
  const dumps = []
  for (const { table, column } of tables) {
    const { rows } =
      await sql`select to_jsonb(t) as row from ${sql.table(table)} t where ${sql.ref(column)} = ${accountId} order by to_jsonb(t)::text`.execute(
        system,
      )
    dumps.push({ table, rows })
  }
  return JSON.stringify(dumps, null, 1)
}
