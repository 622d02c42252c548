import { sql } from 'kysely'
import type { Db } from '#db/client.ts'
import { accountColumns } from '#server/platform/account/index.ts'
import { removeInBatches, type Platform } from '#server/platform/core/index.ts'

export const findSession = (systemDb: Db, id: string) =>
  systemDb
    .selectFrom('sessions')
    .innerJoin('accounts', 'accounts.id', 'sessions.accountId')
    .where('sessions.id', '=', id)
    .select([...accountColumns, 'sessions.expiresAt'])
    .executeTakeFirst()

export const listSessions = (systemDb: Db, accountId: string) =>
  systemDb.selectFrom('sessions').where('accountId', '=', accountId).select(['id', 'accountId', 'expiresAt']).execute()

export const insertSession = (systemDb: Db, session: { id: string; accountId: string; expiresAt: string }) =>
  systemDb.insertInto('sessions').values(session).execute()

export const updateSessionExpiry = (systemDb: Db, id: string, expiresAt: string) =>
  systemDb.updateTable('sessions').set({ expiresAt }).where('id', '=', id).execute()

export const deleteSession = (systemDb: Db, id: string) => systemDb.deleteFrom('sessions').where('id', '=', id).execute()

export const deleteSessionsOf = (systemDb: Db, accountId: string, exceptId?: string) =>
  systemDb
    .deleteFrom('sessions')
    .where('accountId', '=', accountId)
    .$if(exceptId !== undefined, (query) => query.where('id', '!=', exceptId!))
    .execute()

export const deleteExpiredSessions = (platform: Platform) => removeInBatches(platform, 'sessions', sql`expires_at <= now()`)

export type SessionRow = NonNullable<Awaited<ReturnType<typeof findSession>>>
