import { sql } from 'kysely'
import type { Db } from '#db/client.ts'
import type { AccountId } from '#server/platform/core/index.ts'

interface NewAccount {
  id: string
  email: string
  name: string
  passwordHash: string
  referralCode: string
  trialDays: number
}

/** Returns undefined when there is an account with that email, in any case. */
export const insertAccount = (systemDb: Db, { trialDays, ...account }: NewAccount) =>
  systemDb
    .insertInto('accounts')
    .values({ ...account, trialEndsAt: sql<string>`now() + make_interval(days => ${trialDays})` })
    .onConflict((oc) => oc.expression(sql`lower(email)`).doNothing())
    .returning(['id', 'email', 'name'])
    .executeTakeFirst()

export const findAccountByEmail = (systemDb: Db, email: string) =>
  systemDb
    .selectFrom('accounts')
    .where(sql`lower(email)`, '=', email.toLowerCase())
    .select(['id', 'name', 'passwordHash'])
    .executeTakeFirst()

export const findAccountByReferralCode = (systemDb: Db, code: string) =>
  systemDb.selectFrom('accounts').where('referralCode', '=', code.toUpperCase()).select('id').executeTakeFirst()

export const findProfile = (db: Db, accountId: AccountId) =>
  db
    .selectFrom('accounts')
    .where('id', '=', accountId)
    .select(['id', 'email', 'name', 'plan', 'notifications', 'referralCode'])
    .executeTakeFirst()

export const findPasswordHash = (db: Db, accountId: AccountId) =>
  db.selectFrom('accounts').where('id', '=', accountId).select('passwordHash').executeTakeFirst()

interface ProfileChange {
  name?: string
  email?: string
  passwordHash?: string
  notifications?: Record<string, unknown>
}

/** A new address is not verified. Throws a unique violation when another account has the email. */
export const updateAccount = (db: Db, accountId: AccountId, { notifications, email, ...change }: ProfileChange) =>
  db
    .updateTable('accounts')
    .set({ ...change, updatedAt: sql<string>`now()` })
    .$if(email !== undefined, (query) =>
      query.set({ email: email!, emailVerifiedAt: sql`case when lower(email) = lower(${email}) then email_verified_at end` }),
    )
    .$if(notifications !== undefined, (query) => query.set({ notifications: JSON.stringify(notifications) }))
    .where('id', '=', accountId)
    .executeTakeFirst()

export const verifyEmail = (systemDb: Db, email: string) =>
  systemDb
    .updateTable('accounts')
    .set({ emailVerifiedAt: sql<string>`now()` })
    .where(sql`lower(email)`, '=', email.toLowerCase())
    .returning('id')
    .executeTakeFirst()
