import { setImmediate as nextTurn } from 'node:timers/promises'
import { sql, type RawBuilder } from 'kysely'
import type { Db } from '#db/client.ts'
import type { Platform } from './context.ts'

/** Rows one statement removes: so few that nobody waits long for its locks, or for the embedded database. */
const MAX_ROWS = 500

/**
 * Removes rows that are over, of all accounts, a few at a time and each few in a transaction of their own.
 * Rows somebody works on at this moment are left for the next time.
 *
 * @param isOver What holds for a row of `table` that can go.
 */
export async function removeInBatches({ databases, shutdown }: Platform, table: string, isOver: RawBuilder<unknown>): Promise<void> {
  while (!shutdown.aborted && (await removeSome(databases.system, table, isOver)) === MAX_ROWS) await nextTurn()
}

async function removeSome(systemDb: Db, table: string, isOver: RawBuilder<unknown>): Promise<number> {
  const rows = sql.table(table)
  const { numAffectedRows = 0n } = await sql`
    delete from ${rows} where ctid = any(array(
      select ctid from ${rows} where ${isOver} limit ${MAX_ROWS} for update skip locked))`.execute(systemDb)
  return Number(numAffectedRows)
}

/** Older than so many days, by `column`. */
export const olderThanDays = (column: string, days: number): RawBuilder<unknown> =>
  sql`${sql.ref(column)} < now() - make_interval(days => ${days}::int)`
