import { sql } from 'kysely'
import type { Db } from '#db/client.ts'
import type { AccountId } from '../core/index.ts'

/** Where a workspace can be reached: its person, or the first owner of a team. */
const contact = sql<string | null>`case when accounts.kind = 'personal' then owner.email else (
  select users.email from memberships join users on users.id = memberships.user_id
  where memberships.account_id = accounts.id and memberships.role = 'owner' order by memberships.created_at, users.id limit 1
) end`

/** What a call has to know of the workspace it is made in; read from `accounts`, with the person whose personal one it is as `owner`. */
export const accountColumns = [
  'accounts.id as accountId',
  'accounts.kind',
  'accounts.name',
  'accounts.plan',
  'accounts.subscriptionStatus',
  'accounts.trialEndsAt',
  'accounts.graceEndsAt',
  'accounts.extraStorageGb',
  'accounts.stripeSubscriptionId',
  'accounts.createdAt',
  'owner.id as ownerId',
  'owner.email as ownerEmail',
  'owner.emailVerifiedAt as ownerVerifiedAt',
  contact.as('email'),
] as const

export const findAccount = (systemDb: Db, accountId: string) =>
  systemDb
    .selectFrom('accounts')
    .leftJoin('users as owner', 'owner.personalAccountId', 'accounts.id')
    .where('accounts.id', '=', accountId)
    .select(accountColumns)
    .executeTakeFirst()

/** The personal workspace of whoever has an address, and whether they have proved that it is theirs; undefined when nobody has it. */
export async function findPersonByEmail(
  systemDb: Db,
  email: string,
): Promise<{ accountId: AccountId | undefined; isVerified: boolean } | undefined> {
  const person = await systemDb
    .selectFrom('users')
    .where(sql`lower(email)`, '=', email.toLowerCase())
    .where('deletedAt', 'is', null)
    .select(['personalAccountId', 'emailVerifiedAt'])
    .executeTakeFirst()
  return (
    person && { accountId: (person.personalAccountId ?? undefined) as AccountId | undefined, isVerified: person.emailVerifiedAt !== null }
  )
}

/** The code that others register with; null for an account that is gone. */
export async function findReferralCode(db: Db, accountId: AccountId): Promise<string | null> {
  const account = await db.selectFrom('accounts').where('id', '=', accountId).select('referralCode').executeTakeFirst()
  return account?.referralCode ?? null
}

export type AccountRow = NonNullable<Awaited<ReturnType<typeof findAccount>>>

/**
 * Locks the account until the transaction ends: of callers who count what an account has before they add to it,
 * no two can both take the last place.
 */
export const lockAccount = (db: Db, accountId: string) =>
  db.selectFrom('accounts').where('id', '=', accountId).select('id').forNoKeyUpdate().execute()
