import { sql } from 'kysely'
import type { Db } from '#db/client.ts'
import type { AccountId } from '#server/platform/core/index.ts'
import { GRACE_DAYS } from '../billing/index.ts'
import { FINAL, RUNNING, type SubscriptionFacts } from './subscriptions.rules.ts'

export const upsertSubscription = (systemDb: Db, accountId: AccountId, { id, ...facts }: SubscriptionFacts) =>
  systemDb
    .insertInto('subscriptions')
    .values({ id, accountId, ...facts })
    .onConflict((oc) => oc.column('id').doUpdateSet({ accountId, ...facts, checkedAt: sql<string>`now()` }))
    .execute()

const isRunning = sql<boolean>`status = any(${[...RUNNING]}::text[])`

/**
 * Gives the account what its subscriptions say: the plan of the one that runs, or else of the newest, and the room for files of all.
 * What an operator gave to an account without a subscription stays. The account has to be locked.
 */
export const applyToAccount = (systemDb: Db, accountId: AccountId) =>
  sql`
    with newest as (
      select id, plan, status, customer_id, period_started_at, status = any(${[...FINAL]}::text[]) as is_final from subscriptions
      where account_id = ${accountId} and purpose = 'plan' order by ${isRunning} desc, started_at desc, id desc limit 1
    ), storage as (
      select coalesce(sum(storage_gb), 0)::int4 as gb from subscriptions where account_id = ${accountId} and purpose = 'storage' and ${isRunning}
    ), customer as (
      select customer_id from subscriptions where account_id = ${accountId} order by ${isRunning} desc, started_at desc, id desc limit 1
    ), planned as (
      update accounts set
        plan = case when is_final then 'free' else newest.plan end,
        subscription_status = case when is_final then 'cancelled' else newest.status end,
        stripe_subscription_id = case when is_final then null else newest.id end,
        grace_ends_at = case when newest.status = 'past_due' then period_started_at + make_interval(days => ${GRACE_DAYS}) end,
        stripe_customer_id = customer.customer_id, extra_storage_gb = storage.gb, updated_at = now()
      from newest, storage, customer
      where accounts.id = ${accountId} and (not is_final or stripe_subscription_id is not null) returning accounts.id
    )
    update accounts set extra_storage_gb = storage.gb, stripe_customer_id = customer.customer_id, updated_at = now()
    from storage, customer where accounts.id = ${accountId} and not exists (select from planned)`.execute(systemDb)

/** What an account has by its subscriptions. */
export const findPaidFor = (systemDb: Db, accountId: AccountId) =>
  systemDb
    .selectFrom('accounts')
    .where('id', '=', accountId)
    .select(['plan', 'subscriptionStatus', 'extraStorageGb'])
    .executeTakeFirstOrThrow()

/** Whose a subscription is; undefined for one that is not known. */
export const findSubscription = (db: Db, id: string) =>
  db.selectFrom('subscriptions').where('id', '=', id).select(['accountId', 'status', 'plan', 'periodEndsAt', 'isEnding']).executeTakeFirst()

const columns = [
  'id',
  'purpose',
  'plan',
  'storageGb',
  'status',
  'customerId',
  'isEnding',
  'trialEndsAt',
  'periodStartedAt',
  'periodEndsAt',
] as const

/** The subscriptions of an account that run, the newest first. */
export const listRunning = (db: Db, accountId: AccountId, purpose: 'plan' | 'storage') =>
  db
    .selectFrom('subscriptions')
    .where('accountId', '=', accountId)
    .where('purpose', '=', purpose)
    .where('status', 'in', [...RUNNING])
    .orderBy('startedAt', 'desc')
    .orderBy('id', 'desc')
    .select(columns)
    .execute()

/** Whether an account ever had a plan, whatever became of it. */
export const hasHadPlan = async (db: Db, accountId: AccountId): Promise<boolean> =>
  (await db.selectFrom('subscriptions').where('accountId', '=', accountId).where('purpose', '=', 'plan').select('id').limit(1).execute())
    .length > 0

/** Ids of all subscriptions that may still change and were not looked at for so long, those first that were not for longest. */
export const listUnchecked = (systemDb: Db, seconds: number, limit: number) =>
  systemDb
    .selectFrom('subscriptions')
    .where('status', 'not in', [...FINAL])
    .where('checkedAt', '<=', sql<string>`now() - make_interval(secs => ${seconds})`)
    .orderBy('checkedAt')
    .select('id')
    .limit(limit)
    .execute()

/** Who pays for an account at Stripe; null when nobody has. */
export async function findCustomer(systemDb: Db, accountId: AccountId): Promise<string | null> {
  const account = await systemDb.selectFrom('accounts').where('id', '=', accountId).select('stripeCustomerId').executeTakeFirst()
  return account?.stripeCustomerId ?? null
}

/** Writes down who pays for an account, once that is known. */
export const setCustomer = (systemDb: Db, accountId: AccountId, customerId: string) =>
  systemDb
    .updateTable('accounts')
    .set({ stripeCustomerId: customerId })
    .where('id', '=', accountId)
    .where('stripeCustomerId', 'is', null)
    .execute()
