import { sql } from 'kysely'
import type { Db } from '#db/client.ts'
import { prepare } from '#db/prepared.ts'
import { removeInBatches } from '../core/batches.ts'
import type { Platform } from '../core/context.ts'

const accountColumns = [
  'accounts.id as accountId',
  'accounts.email',
  'accounts.name',
  'accounts.plan',
  'accounts.subscriptionStatus',
  'accounts.trialEndsAt',
  'accounts.emailVerifiedAt',
  'accounts.stripeSubscriptionId',
] as const

const keysByHash = prepare((systemDb, keyHash: string) =>
  systemDb
    .selectFrom('apiKeys')
    .innerJoin('accounts', 'accounts.id', 'apiKeys.accountId')
    .where('apiKeys.keyHash', '=', keyHash)
    .select([...accountColumns, 'apiKeys.id as keyId', 'apiKeys.scopes', 'apiKeys.rateLimit', 'apiKeys.spendLimitCents', 'apiKeys.agentId'])
    .select(['apiKeys.expiresAt', 'apiKeys.lastUsedAt']),
)

/** The key with this hash, and its account. */
export const findKeyByHash = async (systemDb: Db, keyHash: string) => (await keysByHash(systemDb, keyHash)).at(0)

export type KeyRow = NonNullable<Awaited<ReturnType<typeof findKeyByHash>>>

export const touchKey = (systemDb: Db, keyId: string) =>
  systemDb
    .updateTable('apiKeys')
    .set({ lastUsedAt: sql<string>`now()` })
    .where('id', '=', keyId)
    .execute()

export const findSession = (systemDb: Db, id: string) =>
  systemDb
    .selectFrom('sessions')
    .innerJoin('accounts', 'accounts.id', 'sessions.accountId')
    .where('sessions.id', '=', id)
    .select([...accountColumns, 'sessions.expiresAt'])
    .executeTakeFirst()

export const findAccount = (systemDb: Db, accountId: string) =>
  systemDb.selectFrom('accounts').where('accounts.id', '=', accountId).select(accountColumns).executeTakeFirst()

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

export type AccountRow = NonNullable<Awaited<ReturnType<typeof findSession>>>
