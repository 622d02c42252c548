import type Stripe from 'stripe'
import type { Db } from '#db/client.ts'
import { findAtStripe } from '#server/integrations/stripe/index.ts'
import { lockAccount } from '#server/platform/account/index.ts'
import type { Platform } from '#server/platform/core/index.ts'
import { planNamed } from '../billing/index.ts'
import { look } from '../stripe-events/index.ts'
import { deleteUnclaimed, findBuyer, insertUnclaimed, syncSubscription, type Also } from '../subscriptions/index.ts'
import { checkoutKindOf } from './checkout-kinds.ts'
import * as queries from './checkouts.queries.ts'
import { bookCredits, reverseCredits } from './credits-booking.service.ts'
import { sendUnclaimedReceipt } from './receipts.letters.ts'

/**
 * Looks what became of a page to pay at, and gives what was paid for: credit, a plan, or room for files.
 *
 * @param also Done in the transaction that gives it.
 * @returns the session; undefined when Stripe has none with this id.
 * @throws StripeNotConfigured, StripeFailed
 */
export async function syncCheckout(platform: Platform, id: string, also?: Also): Promise<Stripe.Checkout.Session | undefined> {
  const session = await look(
    platform,
    {
      id,
      fetch: () => findAtStripe(platform, (stripe) => stripe.checkout.sessions.retrieve(id)),
      write: async (db, seen) => {
        if (seen) await writeCheckout(platform, db, seen)
      },
    },
    // What a subscription brings is given when that was looked at.
    async (db, seen) => (seen?.subscription ? undefined : also?.(db)),
  )
  if (session?.subscription) await syncSubscription(platform, idOf(session.subscription), also)
  return session
}

async function writeCheckout(platform: Platform, systemDb: Db, session: Stripe.Checkout.Session): Promise<void> {
  const kind = checkoutKindOf(session)
  if (kind) return kind.write(systemDb, session)
  const facts = factsOf(session)
  // The operator may sell other things by the same account at Stripe.
  if (!facts) return
  const buyer = buyerOf(session)
  const accountId = await findBuyer(systemDb, buyer)
  if (accountId === undefined) return keepForPayer(platform, systemDb, session)
  if (buyer.userId === undefined) await deleteUnclaimed(systemDb, session.id)
  await lockAccount(systemDb, accountId)
  await queries.upsertCheckout(systemDb, accountId, facts)
  if (facts.purpose === 'credits') await bookCredits(platform, systemDb, accountId, session)
}

/** What was paid for is kept for whoever has the address that was given, and they are told once how they get it. */
async function keepForPayer(platform: Platform, systemDb: Db, session: Stripe.Checkout.Session): Promise<void> {
  platform.log.warn({ checkoutId: session.id }, 'a checkout belongs to nobody here yet')
  const { email } = buyerOf(session)
  if (!email || session.status !== 'complete') return
  if (await insertUnclaimed(systemDb, session.id, email)) await sendUnclaimedReceipt(platform, systemDb, email)
}

/** Whose a session is: who was named when it was made, or else whoever has the address that was given at its page. */
export const buyerOf = ({ metadata, customer_details: details }: Stripe.Checkout.Session) => ({
  userId: metadata?.userId,
  email: metadata?.userId === undefined ? details?.email : undefined,
})

/** A session as it is stored; undefined for one that is not of this server. */
export function factsOf(session: Stripe.Checkout.Session): queries.CheckoutFacts | undefined {
  const { id, metadata, status, expires_at: expiresAt, payment_intent: intent } = session
  const purpose = metadata?.type === 'storage_upgrade' ? 'storage' : metadata?.type === 'credits' ? 'credits' : 'plan'
  if (purpose === 'plan' && metadata?.plan === undefined) return undefined
  return {
    id,
    purpose,
    plan: purpose === 'plan' ? (planNamed(metadata?.plan ?? '') ?? 'solo') : null,
    status: status ?? 'open',
    expiresAt: new Date(expiresAt * 1000).toISOString(),
    paymentIntentId: intent === null ? null : idOf(intent),
  }
}

/**
 * Looks how much of a payment went back to who paid, by refunds and disputes, and takes back what was given for it.
 *
 * @param also Done in the transaction that takes it.
 * @throws StripeNotConfigured, StripeFailed
 */
export async function syncPayment(platform: Platform, paymentIntentId: string, also?: Also): Promise<void> {
  if (!(await queries.findPayer(platform.databases.system, paymentIntentId))) await syncCheckoutOf(platform, paymentIntentId)
  await look(
    platform,
    {
      id: paymentIntentId,
      fetch: () => fetchReversed(platform, paymentIntentId),
      async write(db, seen) {
        if (!seen) return
        const kind = checkoutKindOf(seen.intent)
        if (kind) await kind.reverse(db, paymentIntentId, seen.reversedCents)
        else await reverseCredits(platform, db, paymentIntentId, seen.reversedCents)
      },
    },
    also,
  )
}

/** A refund may be heard of before the payment was. */
async function syncCheckoutOf(platform: Platform, paymentIntentId: string): Promise<void> {
  const sessions = await findAtStripe(platform, (stripe) => stripe.checkout.sessions.list({ payment_intent: paymentIntentId, limit: 1 }))
  for (const { id } of sessions?.data ?? []) await syncCheckout(platform, id)
}

/** Disputes that were won, or never took the money, leave it here. */
const HARMLESS = new Set<string>(['won', 'warning_needs_response', 'warning_under_review', 'warning_closed', 'prevented'])

async function fetchReversed(
  platform: Platform,
  paymentIntentId: string,
): Promise<{ intent: Stripe.PaymentIntent; reversedCents: number } | undefined> {
  const intent = await findAtStripe(platform, (stripe) => stripe.paymentIntents.retrieve(paymentIntentId))
  if (!intent?.latest_charge) return undefined
  const chargeId = idOf(intent.latest_charge)
  const charge = await findAtStripe(platform, (stripe) => stripe.charges.retrieve(chargeId))
  const disputes = await findAtStripe(platform, (stripe) => stripe.disputes.list({ payment_intent: paymentIntentId, limit: 100 }))
  const disputed = (disputes?.data ?? []).filter(({ status }) => !HARMLESS.has(status)).reduce((sum, { amount }) => sum + amount, 0)
  return { intent, reversedCents: Math.min(intent.amount, (charge?.amount_refunded ?? 0) + disputed) }
}

/** The id of what Stripe names or gives whole. */
export const idOf = (thing: string | { id: string }): string => (typeof thing === 'string' ? thing : thing.id)
