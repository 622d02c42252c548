import { sql } from 'kysely'
import type { TestServer } from '../helpers/test-server.ts'

interface TenantTable {
  table: string
  column: string
}

const known = new WeakMap<TestServer, Promise<TenantTable[]>>()

/** Tables that hold rows of workspaces or people, and the column that says whose; read from the database, so that none is forgotten. */
export function tenantTables(server: TestServer): Promise<TenantTable[]> {
  const tables = known.get(server) ?? readTenantTables(server)
  known.set(server, tables)
  return tables
}

async function readTenantTables({ platform }: TestServer): Promise<TenantTable[]> {
  const { rows } = await sql<TenantTable>`
    select distinct on (table_name) table_name as table, column_name as column from information_schema.columns
    where table_schema = 'public'
      and (column_name in ('account_id', 'user_id') or (table_name in ('accounts', 'users') and column_name = 'id'))
    order by table_name, (column_name = 'account_id') = (table_name = 'sessions')`.execute(platform.databases.system)
  return rows
}

/**
 * Every row of a workspace, and of the person whose personal one it is, in every table, as text that can be compared. But for the audit
 * log, which is told of what others try. By a function of the database, which plans its long statement once: thousands of tests ask.
 */
export async function dumpRows(server: TestServer, accountId: string): Promise<string> {
  const { system } = server.platform.databases
  const isMade = dumping.get(server) ?? makeDump(server)
  dumping.set(server, isMade)
  await isMade
  // Whatever is changed is written to the log first: while that has not grown, every row is as it was.
  const place = await sql<{ lsn: string }>`select pg_current_wal_insert_lsn()::text as lsn`.execute(system)
  const { lsn } = place.rows[0]!
  const last = dumped.get(server)
  if (last?.lsn === lsn && last.accountId === accountId) return last.text
  const { rows } = await sql<{ table: string; row: unknown }>`select * from rows_of(${accountId})`.execute(system)
  const text = JSON.stringify(rows, null, 1)
  dumped.set(server, { lsn, accountId, text })
  return text
}

/** What was dumped last, and how long the log of the database was before. */
const dumped = new WeakMap<TestServer, { lsn: string; accountId: string; text: string }>()

const dumping = new WeakMap<TestServer, Promise<void>>()

async function makeDump(server: TestServer): Promise<void> {
  const tables = (await tenantTables(server)).filter(({ table }) => !table.startsWith('audit_'))
  const selects = tables.map(
    ({ table, column }) => sql`select ${sql.lit(table)}, to_jsonb(t) from ${sql.table(table)} t where ${sql.ref(column)} = account`,
  )
  await sql`
    create function rows_of(account text) returns table ("table" text, "row" jsonb) language plpgsql
    set plan_cache_mode = force_generic_plan as $rows$
    begin
      return query select * from (${sql.join(selects, sql` union all `)}) as rows ("name", content) order by "name", content::text;
    end $rows$`.execute(server.platform.databases.system)
}
