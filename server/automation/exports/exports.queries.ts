import { sql } from 'kysely'
import type { Db } from '#db/client.ts'
import { lockAccount } from '#server/platform/account/index.ts'
import { removeInBatches, type AccountId, type Platform } from '#server/platform/core/index.ts'

const columns = ['id', 'status', 'size', 'error', 'createdAt', 'endedAt', 'expiresAt'] as const

const exportsOf = (db: Db, accountId: AccountId) => db.selectFrom('workspaceExports').where('accountId', '=', accountId)

/** Newest first. */
export const listExports = (db: Db, accountId: AccountId) =>
  exportsOf(db, accountId).select(columns).orderBy('createdAt', 'desc').orderBy('id', 'desc').execute()

export type ExportRow = Awaited<ReturnType<typeof listExports>>[number]

/** The archive of an export that is ready and still kept. */
export const findArchive = (db: Db, accountId: AccountId, exportId: string) =>
  exportsOf(db, accountId)
    .where('id', '=', exportId)
    .where('expiresAt', '>', sql<string>`now()`)
    .select(['storageKey', 'size', 'sha256', 'createdAt'])
    .executeTakeFirst()

export const findExport = (db: Db, accountId: AccountId, exportId: string) =>
  exportsOf(db, accountId).where('id', '=', exportId).select(columns).executeTakeFirst()

/** Exports that were asked for in the last day; the workspace stays locked until the transaction ends. */
export async function lockRecentExports(db: Db, accountId: AccountId) {
  await lockAccount(db, accountId)
  return exportsOf(db, accountId)
    .where('createdAt', '>', sql<string>`now() - interval '1 day'`)
    .select(['status', sql<number>`ceil(extract(epoch from created_at + interval '1 day' - now()))::int4`.as('forgottenInSeconds')])
    .orderBy('createdAt')
    .execute()
}

export const insertExport = (db: Db, accountId: AccountId, id: string) =>
  db.insertInto('workspaceExports').values({ id, accountId }).returning(columns).executeTakeFirstOrThrow()

interface StoredArchive {
  storageKey: string
  size: number
  sha256: string
}

/** Returns undefined when nobody waits for it any more. */
export const markReady = (db: Db, accountId: AccountId, exportId: string, archive: StoredArchive, hours: number) =>
  db
    .updateTable('workspaceExports')
    .set({ ...archive, status: 'ready', endedAt: sql<string>`now()`, expiresAt: sql<string>`now() + make_interval(hours => ${hours})` })
    .where('accountId', '=', accountId)
    .where('id', '=', exportId)
    .where('status', '=', 'preparing')
    .returning('id')
    .executeTakeFirst()

export const markFailed = (db: Db, accountId: AccountId, exportId: string, error: string) =>
  db
    .updateTable('workspaceExports')
    .set({ status: 'failed', error, endedAt: sql<string>`now()` })
    .where('accountId', '=', accountId)
    .where('id', '=', exportId)
    .where('status', '=', 'preparing')
    .execute()

/** Those whose job is no more: its servers died again and again. */
export const failAbandoned = (systemDb: Db, error: string) =>
  systemDb
    .updateTable('workspaceExports')
    .set({ status: 'failed', error, endedAt: sql<string>`now()` })
    .where('status', '=', 'preparing')
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('jobs')
            .whereRef('jobs.accountId', '=', 'workspaceExports.accountId')
            .where(sql<boolean>`jobs.payload ->> 'exportId' = workspace_exports.id`)
            .where('jobs.status', 'in', ['queued', 'running'])
            .select('jobs.id'),
        ),
      ),
    )
    .execute()

/** Archives that are no longer kept, and what is known of exports of more than a day ago. Their bytes go after their rows. */
export const deleteExpired = (platform: Platform) =>
  removeInBatches(platform, 'workspace_exports', sql`expires_at <= now() or (status = 'failed' and ended_at < now() - interval '1 day')`)
