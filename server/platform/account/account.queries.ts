import type { Db } from '#db/client.ts'

/** What a call has to know of the account that makes it. */
export const accountColumns = [
  'accounts.id as accountId',
  'accounts.email',
  'accounts.name',
  'accounts.plan',
  'accounts.subscriptionStatus',
  'accounts.trialEndsAt',
  'accounts.emailVerifiedAt',
  'accounts.stripeSubscriptionId',
  'accounts.createdAt',
] as const

export const findAccount = (systemDb: Db, accountId: string) =>
  systemDb.selectFrom('accounts').where('accounts.id', '=', accountId).select(accountColumns).executeTakeFirst()

export type AccountRow = NonNullable<Awaited<ReturnType<typeof findAccount>>>

/**
 * Locks the account until the transaction ends: of callers who count what an account has before they add to it,
 * no two can both take the last place.
 */
export const lockAccount = (db: Db, accountId: string) =>
  db.selectFrom('accounts').where('id', '=', accountId).select('id').forNoKeyUpdate().execute()
