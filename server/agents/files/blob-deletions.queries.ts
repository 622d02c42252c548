import { sql } from 'kysely'
import type { Db } from '#db/client.ts'

/** Has bytes removed later, unless a file has them by then. */
export const queueRemoval = (systemDb: Db, storageKey: string, afterSeconds: number) =>
  systemDb
    .insertInto('fileRemovals')
    .values({ storageKey, dueAt: sql<string>`now() + make_interval(secs => ${afterSeconds})` })
    .execute()

export const deleteRemoval = (systemDb: Db, storageKey: string) =>
  systemDb.deleteFrom('fileRemovals').where('storageKey', '=', storageKey).execute()

/** Keys whose bytes are due to go. What a file has after all is no longer queued. */
export async function listDueRemovals(systemDb: Db, limit: number): Promise<string[]> {
  await sql`
    delete from file_removals where due_at <= now() and exists (select from files where files.storage_key = file_removals.storage_key)`.execute(
    systemDb,
  )
  const rows = await systemDb
    .selectFrom('fileRemovals')
    .where('dueAt', '<=', sql<string>`now()`)
    .select('storageKey')
    .orderBy('dueAt')
    .limit(limit)
    .execute()
  return rows.map(({ storageKey }) => storageKey)
}
