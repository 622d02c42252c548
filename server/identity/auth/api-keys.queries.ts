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
  'allowedAddresses',
  'lastAddress',
  'oldExpiresAt as oldKeyExpiresAt',
  'leakedAt',
  'createdBy as creatorId',
  // Shown as long as they are in the workspace.
  sql<string | null>`(select name from users where users.id = api_keys.created_by)`.as('creatorName'),
] as const

/** Keys people made; those of agents are not theirs to see. */
const keysOf = (db: Db, accountId: AccountId) => db.selectFrom('apiKeys').where('accountId', '=', accountId).where('agentId', 'is', null)

const listedKeys = (db: Db, accountId: AccountId, createdBy?: UserId) =>
  keysOf(db, accountId)
    .$if(createdBy !== undefined, (query) => query.where('createdBy', '=', createdBy!))
    .select(keyColumns)
    .orderBy('createdAt', 'desc')
    .orderBy('id', 'desc')

/** Newest first; of one person when they are named. */
export const listKeys = (db: Db, accountId: AccountId, createdBy?: UserId) => listedKeys(db, accountId, createdBy).execute()

/** From behind a place; `place` is when each was made, exactly. */
export const listKeyPage = (db: Db, accountId: AccountId, createdBy: UserId, limit: number, after?: TimePlace) =>
  listedKeys(db, accountId, createdBy)
    .$if(after !== undefined, (query) => query.where(isOlderThan('createdAt', after!)))
    .select(exactTime('createdAt').as('place'))
    .limit(limit)
    .execute()

export async function countKeys(db: Db, accountId: AccountId, createdBy?: UserId): Promise<number> {
  const { count } = await keysOf(db, accountId)
    .$if(createdBy !== undefined, (query) => query.where('createdBy', '=', createdBy!))
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
  allowedAddresses: string[] | null
  createdBy: UserId | null
  agentId?: string
}

export const insertKey = (db: Db, accountId: AccountId, key: NewKey) =>
  db
    .insertInto('apiKeys')
    .values({ ...key, accountId })
    .returning(keyColumns)
    .executeTakeFirstOrThrow()

interface KeyChange {
  name?: string | undefined
  expiresAt?: string | null | undefined
  rateLimit?: number | null | undefined
  spendLimitCents?: number | null | undefined
  allowedAddresses?: string[] | null | undefined
}

const changedKey = (db: Db, accountId: AccountId, keyId: string) =>
  db.updateTable('apiKeys').where('accountId', '=', accountId).where('agentId', 'is', null).where('id', '=', keyId)

/** Changes what is not undefined. With another end the mails that tell of it begin anew. */
export const updateKey = (db: Db, accountId: AccountId, keyId: string, change: KeyChange) =>
  changedKey(db, accountId, keyId)
    .set({ ...change, ...(change.expiresAt === undefined ? {} : { expiryNoticedDays: null }) })
    .returning(keyColumns)
    .executeTakeFirst()

/**
 * Puts another key in the place of the one there is, which goes on working for that long, unless somebody reported it: then it
 * has stopped for good.
 */
export const replaceKey = (db: Db, accountId: AccountId, keyId: string, key: { keyHash: string; preview: string; overlapHours: number }) =>
  changedKey(db, accountId, keyId)
    .set({
      keyHash: key.keyHash,
      preview: key.preview,
      oldHash: sql<string>`key_hash`,
      oldExpiresAt: sql<string>`now() + make_interval(hours => case when leaked_at is null then ${key.overlapHours}::int else 0 end)`,
      leakedAt: null,
    })
    .returning(keyColumns)
    .executeTakeFirst()

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
    .where((eb) => eb.or([eb('apiKeys.keyHash', '=', keyHash), eb('apiKeys.oldHash', '=', keyHash)]))
    // A key is as good as its workspace, whose personal workspace that is, and who made it.
    .where('accounts.suspendedAt', 'is', null)
    .where('accounts.deletedAt', 'is', null)
    .where('owner.suspendedAt', 'is', null)
    .where('creator.suspendedAt', 'is', null)
    .select([...accountColumns, 'apiKeys.id as keyId', 'apiKeys.scopes', 'apiKeys.rateLimit', 'apiKeys.spendLimitCents', 'apiKeys.agentId'])
    .select(['apiKeys.createdBy', 'apiKeys.keyHash', 'apiKeys.oldExpiresAt', 'apiKeys.expiresAt', 'apiKeys.leakedAt'])
    .select(['apiKeys.allowedAddresses', 'apiKeys.lastUsedAt']),
)

/** The key with this hash, or which had it before it was replaced, and its account. */
export const findKeyByHash = async (systemDb: Db, keyHash: string) => (await keysByHash(systemDb, keyHash)).at(0)

export type KeyRow = NonNullable<Awaited<ReturnType<typeof findKeyByHash>>>

export const touchKey = (systemDb: Db, keyId: string, address: string) =>
  systemDb
    .updateTable('apiKeys')
    .set({ lastUsedAt: sql<string>`now()`, lastAddress: address })
    .where('id', '=', keyId)
    .execute()

/**
 * Switches off what these hashes belong to: the key, or, where it was replaced already, only the old one.
 *
 * @returns the keys that worked until now.
 */
export const switchOffKeys = (systemDb: Db, hashes: string[]) =>
  systemDb
    .updateTable('apiKeys')
    .set({
      leakedAt: sql<string>`case when key_hash = any(${hashes}) then coalesce(leaked_at, now()) else leaked_at end`,
      oldExpiresAt: sql<string>`case when old_hash = any(${hashes}) then least(old_expires_at, now()) else old_expires_at end`,
    })
    .where(sql<boolean>`(key_hash = any(${hashes}) and leaked_at is null) or (old_hash = any(${hashes}) and old_expires_at > now())`)
    .returning(['id', 'accountId', 'name', 'preview', 'createdBy'])
    .execute()

/**
 * Claims keys that stop working within so many days and whose people were not told yet: of several servers one gets each. Keys that
 * were made for little longer than that are left out.
 */
export const claimExpiringKeys = (systemDb: Db, days: number) =>
  systemDb
    .updateTable('apiKeys')
    .set({ expiryNoticedDays: days })
    .where('agentId', 'is', null)
    .where('leakedAt', 'is', null)
    .where(sql<boolean>`expires_at > now() and expires_at <= now() + make_interval(days => ${days})`)
    .where(sql<boolean>`expires_at - created_at > make_interval(days => ${2 * days})`)
    .where(sql<boolean>`(expiry_noticed_days is null or expiry_noticed_days > ${days})`)
    .where(({ exists, selectFrom }) =>
      exists(
        selectFrom('accounts')
          .whereRef('accounts.id', '=', 'apiKeys.accountId')
          .where('accounts.deletedAt', 'is', null)
          .where('accounts.suspendedAt', 'is', null)
          .select('accounts.id'),
      ),
    )
    .returning(['id', 'accountId', 'name', 'preview', 'createdBy', 'expiresAt'])
    .execute()

/** Who is told of a key: who made it, while they are in its workspace; else the owners of that. */
export async function listKeyKeepers(systemDb: Db, { accountId, createdBy }: { accountId: string; createdBy: string | null }) {
  const members = await systemDb
    .selectFrom('memberships')
    .innerJoin('users', 'users.id', 'memberships.userId')
    .innerJoin('accounts', 'accounts.id', 'memberships.accountId')
    .where('memberships.accountId', '=', accountId)
    .where('users.email', 'is not', null)
    .where('users.deletedAt', 'is', null)
    .where((eb) => eb.or([eb('memberships.userId', '=', createdBy ?? ''), eb('memberships.role', '=', 'owner')]))
    .select(['users.id', 'users.name', 'users.email', 'accounts.name as workspace'])
    .execute()
  const creator = members.filter(({ id }) => id === createdBy)
  return creator.length > 0 ? creator : members
}
