import type { Db } from '#db/client.ts'
import { retryConflicts } from '#db/conflicts.ts'

/**
 * Does work in a transaction: all of it or nothing. When others got in its way and Postgres undid it, it is
 * done again, so the work must have no effect outside of the database. The order in which rows are locked,
 * which makes that rare, is in docs/engineering-guide.md.
 *
 * @param db Not a transaction itself.
 * @throws what the work throws.
 */
export const inTransaction = <T>(db: Db, work: (db: Db) => Promise<T>): Promise<T> => retryConflicts(() => db.transaction().execute(work))
