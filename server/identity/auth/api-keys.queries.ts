import { sql } from 'kysely'
import type { Db } from '#db/client.ts'
import { prepare } from '#db/prepared.ts'
import { accountColumns, lockAccount } from '#server/platform/account/index.ts'
import { exactTime, isOlderThan, type TimePlace } from '#db/keyset.ts'
import type { AccountId, UserId } from '#server/platform/core/index.ts'

const keyColumns = [
  'id',
  'name',
  'preview as keyPreview',
  'createdAt',
  'lastUsedAt as lastUsed',
  'scopes',
  'expiresAt',
  'rateLimit',
  'spendLimitCents',
] as const

/** Keys people made; those of agents are not theirs to see. */
const keysOf = (db: Db, accountId: AccountId) => db.selectFrom('apiKeys').where('accountId', '=', accountId).where('agentId', 'is', null)

const listedKeys = (db: Db, accountId: AccountId) =>
  keysOf(db, accountId).select(keyColumns).orderBy('createdAt', 'desc').orderBy('id', 'desc')

export const listKeys = (db: Db, accountId: AccountId) => listedKeys(db, accountId).execute()

/** From behind a place; `place` is when each was made, exactly. */
export const listKeyPage = (db: Db, accountId: AccountId, limit: number, after?: TimePlace) =>
  listedKeys(db, accountId)
    .$if(after !== undefined, (query) => query.where(isOlderThan('createdAt', after!)))
    .select(exactTime('createdAt').as('place'))
    .limit(limit)
    .execute()

export async function countKeys(db: Db, accountId: AccountId): Promise<number> {
  const { count } = await keysOf(db, accountId)
    .select(sql<number>`count(*)`.as('count'))
    .executeTakeFirstOrThrow()
  return count
}

export const findKey = (db: Db, accountId: AccountId, keyId: string) =>
  keysOf(db, accountId).where('id', '=', keyId).select(keyColumns).executeTakeFirst()

/** How many keys the account has; the account stays locked until the transaction ends, so two callers cannot both take the last place. */
export async function lockKeyCount(db: Db, accountId: AccountId): Promise<number> {
  await lockAccount(db, accountId)
  return countKeys(db, accountId)
}

interface NewKey {
  id: string
  name: string
  preview: string
  keyHash: string
  scopes: string[] | null
  expiresAt: string | null
  rateLimit: number | null
  spendLimitCents: number | null
  createdBy: UserId | null
  agentId?: string
}

export const insertKey = (db: Db, accountId: AccountId, key: NewKey) =>
  db
    .insertInto('apiKeys')
    .values({ ...key, accountId })
    .returning(keyColumns)
    .executeTakeFirstOrThrow()

export const deleteKey = (db: Db, accountId: AccountId, keyId: string) =>
  db
    .deleteFrom('apiKeys')
    .where('accountId', '=', accountId)
    .where('agentId', 'is', null)
    .where('id', '=', keyId)
    .returning('id')
    .executeTakeFirst()

export const deleteKeyOfAgent = (db: Db, accountId: AccountId, agentId: string) =>
  db.deleteFrom('apiKeys').where('accountId', '=', accountId).where('agentId', '=', agentId).execute()

const keysByHash = prepare((systemDb, keyHash: string) =>
  systemDb
    .selectFrom('apiKeys')
    .innerJoin('accounts', 'accounts.id', 'apiKeys.accountId')
    .leftJoin('users as owner', 'owner.personalAccountId', 'accounts.id')
    .leftJoin('users as creator', 'creator.id', 'apiKeys.createdBy')
    .where('apiKeys.keyHash', '=', keyHash)
    // A key is as good as its workspace, whose personal workspace that is, and who made it.
    .where('accounts.suspendedAt', 'is', null)
    .where('accounts.deletedAt', 'is', null)
    .where('owner.suspendedAt', 'is', null)
    .where('creator.suspendedAt', 'is', null)
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
