import { sql } from 'kysely'
import type { Db } from '#db/client.ts'
import { lockUser } from '../users/index.ts'
import type { UserId } from '#server/platform/core/index.ts'

/** Who somebody is at another service. */
interface NewIdentity {
  /** Who says so: the address of an OpenID Connect issuer, `eip155` for wallets, `farcaster`. */
  issuer: string
  /** Their id there, which never changes. */
  subject: string
  userId: string
  /** What they are shown as. */
  label: string
  email?: string | null
  emailVerified?: boolean
}

const columns = ['issuer', 'subject', 'label', 'email', 'emailVerified', 'createdAt', 'lastUsedAt'] as const

/** The person behind an identity; undefined when nobody has it. */
export const findIdentity = (systemDb: Db, issuer: string, subject: string) =>
  systemDb
    .selectFrom('identities')
    .where('issuer', '=', issuer)
    .where('subject', '=', subject)
    .select(['userId', ...columns])
    .executeTakeFirst()

/** The personal workspace of the person behind an identity. */
export const findPersonalAccount = (systemDb: Db, issuer: string, subject: string) =>
  systemDb
    .selectFrom('identities')
    .innerJoin('users', 'users.id', 'identities.userId')
    .where('issuer', '=', issuer)
    .where('subject', '=', subject)
    .select('users.personalAccountId as accountId')
    .executeTakeFirst()

/** Returns undefined when somebody has it already. */
export const insertIdentity = (systemDb: Db, identity: NewIdentity) =>
  systemDb
    .insertInto('identities')
    .values({ ...identity, lastUsedAt: sql<string>`now()` })
    .onConflict((oc) => oc.columns(['issuer', 'subject']).doNothing())
    .returning(columns)
    .executeTakeFirst()

/** Notes that somebody signed in with it. */
export const touchIdentity = (systemDb: Db, issuer: string, subject: string) =>
  systemDb
    .updateTable('identities')
    .set({ lastUsedAt: sql<string>`now()` })
    .where('issuer', '=', issuer)
    .where('subject', '=', subject)
    .execute()

/** Oldest first. */
export const listIdentities = (db: Db, userId: UserId) =>
  db
    .selectFrom('identities')
    .where('userId', '=', userId)
    .select(columns)
    .orderBy('createdAt')
    .orderBy('issuer')
    .orderBy('subject')
    .execute()

export const deleteIdentity = (db: Db, userId: UserId, issuer: string, subject: string) =>
  db
    .deleteFrom('identities')
    .where('userId', '=', userId)
    .where('issuer', '=', issuer)
    .where('subject', '=', subject)
    .returning('subject')
    .executeTakeFirst()

/** How many a person has; the person stays locked until the transaction ends, so two callers cannot both take the last place. */
export async function lockIdentityCount(systemDb: Db, userId: string): Promise<number> {
  await lockUser(systemDb, userId)
  const { count } = await systemDb
    .selectFrom('identities')
    .where('userId', '=', userId)
    .select(sql<number>`count(*)`.as('count'))
    .executeTakeFirstOrThrow()
  return Number(count)
}
