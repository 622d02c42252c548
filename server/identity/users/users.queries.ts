import { sql } from 'kysely'
import type { Db } from '#db/client.ts'

interface NewUser {
  id: string
  email: string | null
  name: string
  isEmailVerified: boolean
  personalAccountId: string
}

/** Returns undefined when there is a person with that email, in any case. */
export const insertUser = (systemDb: Db, { isEmailVerified, ...user }: NewUser) =>
  systemDb
    .insertInto('users')
    .values({ ...user, emailVerifiedAt: isEmailVerified ? sql<string>`now()` : null })
    .onConflict((oc) => oc.expression(sql`lower(email)`).doNothing())
    .returning(['id', 'email', 'name'])
    .executeTakeFirst()

const userColumns = ['users.id', 'users.email', 'users.name', 'users.emailVerifiedAt', 'users.personalAccountId'] as const

export const findUser = (systemDb: Db, userId: string) =>
  systemDb.selectFrom('users').where('id', '=', userId).select(userColumns).executeTakeFirst()

/** In any case of its letters. */
export const findUserByEmail = (systemDb: Db, email: string) =>
  systemDb
    .selectFrom('users')
    .leftJoin('passwords', 'passwords.userId', 'users.id')
    .where(sql`lower(users.email)`, '=', email.toLowerCase())
    .select([...userColumns, 'passwords.hash as passwordHash'])
    .executeTakeFirst()

export const findPasswordHash = async (systemDb: Db, userId: string): Promise<string | undefined> =>
  (await systemDb.selectFrom('passwords').where('userId', '=', userId).select('hash').executeTakeFirst())?.hash

export const upsertPassword = (systemDb: Db, userId: string, hash: string) =>
  systemDb
    .insertInto('passwords')
    .values({ userId, hash })
    .onConflict((oc) => oc.column('userId').doUpdateSet({ hash, changedAt: sql<string>`now()` }))
    .execute()

interface UserChange {
  name?: string | undefined
  email?: string | undefined
  notifications?: Record<string, unknown> | undefined
}

/** A new address is not verified. Throws a unique violation when another person has the email. */
export const updateUser = (systemDb: Db, userId: string, { name, email, notifications }: UserChange) =>
  systemDb
    .updateTable('users')
    .set({ updatedAt: sql<string>`now()` })
    .$if(name !== undefined, (query) => query.set({ name: name! }))
    .$if(email !== undefined, (query) =>
      query.set({ email: email!, emailVerifiedAt: sql`case when lower(email) = lower(${email}) then email_verified_at end` }),
    )
    .$if(notifications !== undefined, (query) => query.set({ notifications: JSON.stringify(notifications) }))
    .where('id', '=', userId)
    .executeTakeFirst()

/**
 * Locks a person until the transaction ends: of callers who count what is theirs before they add to it or take from it, each sees
 * what the one before has done.
 *
 * @param systemDb The application's own connections cannot lock a person's row: they may not change it.
 */
export const lockUser = (systemDb: Db, userId: string) =>
  systemDb.selectFrom('users').where('id', '=', userId).select(userColumns).forNoKeyUpdate().executeTakeFirst()

/** Notes that the address they have is theirs. */
export const verifyEmailOf = (systemDb: Db, userId: string) =>
  systemDb
    .updateTable('users')
    .set({ emailVerifiedAt: sql<string>`coalesce(email_verified_at, now())` })
    .where('id', '=', userId)
    .where('email', 'is not', null)
    .returning(['id', 'email', 'personalAccountId'])
    .executeTakeFirst()
