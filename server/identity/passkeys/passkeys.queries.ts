import { sql } from 'kysely'
import type { Db } from '#db/client.ts'
import { lockAccount } from '#server/platform/account/index.ts'
import { exactTime, isNewerThan, type TimePlace } from '#db/keyset.ts'
import type { AccountId } from '#server/platform/core/index.ts'

const shownColumns = ['id', 'label', 'isSynced', 'createdAt', 'lastUsedAt as lastUsed'] as const
const signingColumns = ['id', 'label', 'credentialId', 'publicKey', 'counter', 'transports'] as const

const passkeysOf = (db: Db, accountId: AccountId) => db.selectFrom('passkeys').where('accountId', '=', accountId)

/** Oldest first. */
export const listPasskeys = (db: Db, accountId: AccountId) =>
  passkeysOf(db, accountId).select(shownColumns).orderBy('createdAt').orderBy('id').execute()

/** Oldest first, from behind a place; `place` is when each was made, exactly. */
export const listPasskeyPage = (db: Db, accountId: AccountId, limit: number, after?: TimePlace) =>
  passkeysOf(db, accountId)
    .$if(after !== undefined, (query) => query.where(isNewerThan('createdAt', after!)))
    .select(shownColumns)
    .select(exactTime('createdAt').as('place'))
    .orderBy('createdAt')
    .orderBy('id')
    .limit(limit)
    .execute()

export async function countPasskeys(db: Db, accountId: AccountId): Promise<number> {
  const { count } = await passkeysOf(db, accountId)
    .select(sql<number>`count(*)`.as('count'))
    .executeTakeFirstOrThrow()
  return count
}

/** Which credentials the account has, as browsers know them. */
export const listCredentials = (db: Db, accountId: AccountId) =>
  passkeysOf(db, accountId).select(['credentialId as id', 'transports']).orderBy('id').execute()

export const findByCredential = (db: Db, accountId: AccountId, credentialId: string) =>
  passkeysOf(db, accountId).where('credentialId', '=', credentialId).select(signingColumns).executeTakeFirst()

/** How many passkeys the account has; the account stays locked until the transaction ends, so two callers cannot both take the last place. */
export async function lockPasskeyCount(db: Db, accountId: AccountId): Promise<number> {
  await lockAccount(db, accountId)
  return countPasskeys(db, accountId)
}

interface NewPasskey {
  id: string
  credentialId: string
  /** Its COSE form in base64url. */
  publicKey: string
  counter: number
  transports: string[]
  label: string
  isSynced: boolean
}

/** @returns the passkey; undefined when somebody has registered it already. */
export const insertPasskey = (db: Db, accountId: AccountId, passkey: NewPasskey) =>
  db
    .insertInto('passkeys')
    .values({ ...passkey, accountId })
    .onConflict((oc) => oc.column('credentialId').doNothing())
    .returning(shownColumns)
    .executeTakeFirst()

/** Writes down that it was used, unless another use was written down since it was read. @returns its id then. */
export const updateCounter = (db: Db, accountId: AccountId, passkeyId: string, before: number, counter: number) =>
  db
    .updateTable('passkeys')
    .set({ counter, lastUsedAt: sql<string>`now()` })
    .where('accountId', '=', accountId)
    .where('id', '=', passkeyId)
    .where('counter', '=', before)
    .returning('id')
    .executeTakeFirst()

/** Takes the verifications it made with it. */
export const deletePasskey = (db: Db, accountId: AccountId, passkeyId: string) =>
  db.deleteFrom('passkeys').where('accountId', '=', accountId).where('id', '=', passkeyId).returning('id').executeTakeFirst()

export const insertChallenge = (db: Db, accountId: AccountId, challenge: string, seconds: number) =>
  db
    .insertInto('passkeyChallenges')
    .values({ accountId, challenge, expiresAt: sql<string>`now() + make_interval(secs => ${seconds})` })
    .execute()

/** Uses a challenge up. @returns it when it was still good. */
export const takeChallenge = (db: Db, accountId: AccountId, challenge: string) =>
  db
    .deleteFrom('passkeyChallenges')
    .where('accountId', '=', accountId)
    .where('challenge', '=', challenge)
    .where('expiresAt', '>', sql<string>`now()`)
    .returning('challenge')
    .executeTakeFirst()

export const deleteExpiredChallenges = (db: Db, accountId: AccountId) =>
  db
    .deleteFrom('passkeyChallenges')
    .where('accountId', '=', accountId)
    .where('expiresAt', '<=', sql<string>`now()`)
    .execute()
