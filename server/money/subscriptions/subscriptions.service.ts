import type Stripe from 'stripe'
import type { Db } from '#db/client.ts'
import { askStripe, findAtStripe } from '#server/integrations/stripe/index.ts'
import { findAccount, findPersonByEmail, lockAccount } from '#server/platform/account/index.ts'
import type { AccountId, Platform } from '#server/platform/core/index.ts'
import { look } from '../stripe-events/index.ts'
import { tellOfPlanChange } from './plan-changes.service.ts'
import * as queries from './subscriptions.queries.ts'
import { factsOf } from './subscriptions.rules.ts'
import { listUnclaimed } from './unclaimed.queries.ts'

/** Something that is done in the transaction that stores what was seen, such as writing down why it was looked at. */
export type Also = (systemDb: Db) => Promise<unknown>

/** Who may have bought something: an account that was named when it was bought, or an address that was given then. */
interface Buyer {
  userId?: string | undefined
  email?: string | null | undefined
}

/**
 * The account that bought something; undefined when there is none, and none is made. What was paid for when nobody had the address is
 * for who proves that it is theirs, and not for the first who says so.
 */
export async function findBuyer(systemDb: Db, { userId, email }: Buyer): Promise<AccountId | undefined> {
  const named = userId === undefined ? undefined : await findAccount(systemDb, userId)
  if (named) return named.accountId as AccountId
  const person = email ? await findPersonByEmail(systemDb, email) : undefined
  if (!person || (!person.isVerified && (await listUnclaimed(systemDb, email!)).length > 0)) return undefined
  return person.accountId
}

/**
 * Looks how a subscription is, stores it, and gives its account what follows from it.
 *
 * @param also Done in the transaction that stores it.
 * @throws StripeNotConfigured, StripeFailed
 */
export async function syncSubscription(platform: Platform, id: string, also?: (systemDb: Db) => Promise<unknown>): Promise<void> {
  const { log } = platform
  const seen = await look(
    platform,
    {
      id,
      fetch: () => fetchSubscription(platform, id),
      async write(db, seen) {
        if (!seen) return log.warn({ subscriptionId: id }, 'Stripe has no such subscription')
        const { subscription, email } = seen
        const facts = factsOf(subscription)
        if (!facts) return
        const known = await queries.findSubscription(db, id)
        const accountId =
          (await findBuyer(db, { userId: subscription.metadata.userId, email })) ?? (known?.accountId as AccountId | undefined)
        if (accountId === undefined) return log.warn({ subscriptionId: id }, 'a subscription belongs to nobody here yet')
        await lockAccount(db, accountId)
        const before = await queries.findPaidFor(db, accountId)
        await queries.upsertSubscription(db, accountId, facts)
        await queries.applyToAccount(db, accountId)
        const after = await queries.findPaidFor(db, accountId)
        return () => tellOfPlanChange(db, accountId, id, before, after)
      },
    },
    also,
  )
  const owner = seen && (await queries.findSubscription(platform.databases.system, id))
  if (owner) await cancelSuperseded(platform, owner.accountId as AccountId)
}

async function fetchSubscription(
  platform: Platform,
  id: string,
): Promise<{ subscription: Stripe.Subscription; email: string | null } | undefined> {
  const subscription = await findAtStripe(platform, (stripe) => stripe.subscriptions.retrieve(id))
  if (!subscription) return undefined
  if (subscription.metadata.userId !== undefined) return { subscription, email: null }
  const customerId = typeof subscription.customer === 'string' ? subscription.customer : subscription.customer.id
  const customer = await findAtStripe(platform, (stripe) => stripe.customers.retrieve(customerId))
  return { subscription, email: customer && !customer.deleted ? customer.email : null }
}

/** Of two plans that were bought, by two pages that were open at once, the older one is not charged again. */
async function cancelSuperseded(platform: Platform, accountId: AccountId): Promise<void> {
  const [, ...superseded] = await queries.listRunning(platform.databases.system, accountId, 'plan')
  for (const { id } of superseded) {
    platform.log.warn({ subscriptionId: id, accountId }, 'an account has two plans; the older one is cancelled')
    await findAtStripe(platform, (stripe) => stripe.subscriptions.cancel(id, { prorate: true }))
    await syncSubscription(platform, id)
  }
}

/** Who pays for an account: the customer at Stripe it has, or a new one. Whoever asks at the same moment gets the same. */
export async function ensureCustomer(platform: Platform, { id, email }: { id: AccountId; email: string | null }): Promise<string> {
  const { system } = platform.databases
  const known = await queries.findCustomer(system, id)
  if (known !== null) return known
  const customer = await askStripe(platform, (stripe) =>
    stripe.customers.create({ metadata: { userId: id }, ...(email ? { email } : {}) }, { idempotencyKey: `customer:${id}:${email ?? ''}` }),
  )
  await queries.setCustomer(system, id, customer.id)
  return (await queries.findCustomer(system, id)) ?? customer.id
}
