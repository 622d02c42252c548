import { sql } from 'kysely'
import type { Db } from '#db/client.ts'
import { exactTime, isNewerThan, type TimePlace } from '#db/keyset.ts'
import type { UserId } from '#server/platform/core/index.ts'

const shownColumns = ['id', 'credentialId', 'label', 'isSynced', 'createdAt', 'lastUsedAt as lastUsed'] as const
const signingColumns = ['id', 'label', 'credentialId', 'publicKey', 'counter', 'transports'] as const

const passkeysOf = (db: Db, userId: UserId) => db.selectFrom('passkeys').where('userId', '=', userId)

/** Oldest first. */
export const listPasskeys = (db: Db, userId: UserId) =>
  passkeysOf(db, userId).select(shownColumns).orderBy('createdAt').orderBy('id').execute()

/** Oldest first, from behind a place; `place` is when each was made, exactly. */
export const listPasskeyPage = (db: Db, userId: UserId, limit: number, after?: TimePlace) =>
  passkeysOf(db, userId)
    .$if(after !== undefined, (query) => query.where(isNewerThan('createdAt', after!)))
    .select(shownColumns)
    .select(exactTime('createdAt').as('place'))
    .orderBy('createdAt')
    .orderBy('id')
    .limit(limit)
    .execute()

export async function countPasskeys(db: Db, userId: UserId): Promise<number> {
  const { count } = await passkeysOf(db, userId)
    .select(sql<number>`count(*)`.as('count'))
    .executeTakeFirstOrThrow()
  return count
}

/** Which credentials the account has, as browsers know them. */
export const listCredentials = (db: Db, userId: UserId) =>
  passkeysOf(db, userId).select(['credentialId as id', 'transports']).orderBy('id').execute()

export const findByCredential = (db: Db, userId: UserId, credentialId: string) =>
  passkeysOf(db, userId).where('credentialId', '=', credentialId).select(signingColumns).executeTakeFirst()

/** How many passkeys the person has; whoever else asks waits until the transaction ends, so two callers cannot both take the last place. */
export async function lockPasskeyCount(db: Db, userId: UserId): Promise<number> {
  // The application's connections cannot lock a person's row: they may not change it.
  await sql`select pg_advisory_xact_lock(hashtextextended(${`passkeys ${userId}`}, 0))`.execute(db)
  return countPasskeys(db, userId)
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
  /** Host of the site it was made for. */
  rpId: string
}

/** @returns the passkey; undefined when somebody has registered it already. */
export const insertPasskey = (db: Db, userId: UserId, passkey: NewPasskey) =>
  db
    .insertInto('passkeys')
    .values({ ...passkey, userId })
    .onConflict((oc) => oc.column('credentialId').doNothing())
    .returning(shownColumns)
    .executeTakeFirst()

/** Writes down that it was used, unless another use was written down since it was read. @returns its id then. */
export const updateCounter = (db: Db, userId: UserId, passkeyId: string, before: number, counter: number) =>
  db
    .updateTable('passkeys')
    .set({ counter, lastUsedAt: sql<string>`now()` })
    .where('userId', '=', userId)
    .where('id', '=', passkeyId)
    .where('counter', '=', before)
    .returning('id')
    .executeTakeFirst()

export const renamePasskey = (db: Db, userId: UserId, passkeyId: string, label: string) =>
  db
    .updateTable('passkeys')
    .set({ label })
    .where('userId', '=', userId)
    .where('id', '=', passkeyId)
    .returning(shownColumns)
    .executeTakeFirst()

/** Takes the verifications it made with it. */
export const deletePasskey = (db: Db, userId: UserId, passkeyId: string) =>
  db.deleteFrom('passkeys').where('userId', '=', userId).where('id', '=', passkeyId).returning('id').executeTakeFirst()

export const insertChallenge = (db: Db, userId: UserId, challenge: string, seconds: number) =>
  db
    .insertInto('passkeyChallenges')
    .values({ userId, challenge, expiresAt: sql<string>`now() + make_interval(secs => ${seconds})` })
    .execute()

/** Uses a challenge up. @returns it when it was still good. */
export const takeChallenge = (db: Db, userId: UserId, challenge: string) =>
  db
    .deleteFrom('passkeyChallenges')
    .where('userId', '=', userId)
    .where('challenge', '=', challenge)
    .where('expiresAt', '>', sql<string>`now()`)
    .returning('challenge')
    .executeTakeFirst()

export const deleteExpiredChallenges = (db: Db, userId: UserId) =>
  db
    .deleteFrom('passkeyChallenges')
    .where('userId', '=', userId)
    .where('expiresAt', '<=', sql<string>`now()`)
    .execute()
