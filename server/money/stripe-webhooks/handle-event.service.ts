import type Stripe from 'stripe'
import type { Db } from '#db/client.ts'
import { findAtStripe } from '#server/integrations/stripe/index.ts'
import type { AccountId, Platform } from '#server/platform/core/index.ts'
import { idOf, sendPaymentFailed, sendReceipt, syncCheckout, syncPayment } from '../checkout/index.ts'
import { isRecorded, recordEvent } from '../stripe-events/index.ts'
import { findSubscription, syncSubscription } from '../subscriptions/index.ts'

type Handler = (platform: Platform, event: Stripe.Event) => Promise<unknown>

/** Only the id of what an event is about is read of it: what it says may be old by now. */
const objectOf = (event: Stripe.Event) => event.data.object as unknown as { id: string; payment_intent?: string | { id: string } | null }

const onCheckout: Handler = (platform, event) => syncCheckout(platform, objectOf(event).id, (db) => recordEvent(db, event))

const onSubscription: Handler = (platform, event) => syncSubscription(platform, objectOf(event).id, (db) => recordEvent(db, event))

/** A refund, a charge or a dispute. */
const onPayment: Handler = async (platform, event) => {
  const { payment_intent: intent } = objectOf(event)
  if (!intent) return isNothing(platform, event)
  await syncPayment(platform, idOf(intent), (db) => recordEvent(db, event))
}

/** It has nothing to do with this server, and need not be looked at again. */
const isNothing: Handler = ({ databases }, event) => recordEvent(databases.system, event)

type Letter = (platform: Platform, systemDb: Db, accountId: AccountId, invoice: Stripe.Invoice) => Promise<void>

/** The period of the subscription has changed, or its status, and its account is told. */
const onInvoice =
  (letter: Letter, isWorthIt: (invoice: Stripe.Invoice) => boolean): Handler =>
  async (platform, event) => {
    const invoice = await findAtStripe(platform, (stripe) => stripe.invoices.retrieve(objectOf(event).id))
    const subscription = invoice?.parent?.subscription_details?.subscription
    if (!invoice || !subscription) return isNothing(platform, event)
    await syncSubscription(platform, idOf(subscription), async (db) => {
      if (!(await recordEvent(db, event)) || !isWorthIt(invoice)) return
      const owner = await findSubscription(db, idOf(subscription))
      if (owner) await letter(platform, db, owner.accountId as AccountId, invoice)
    })
  }

const handlers = {
  'checkout.session.completed': onCheckout,
  'checkout.session.async_payment_succeeded': onCheckout,
  'checkout.session.async_payment_failed': onCheckout,
  'checkout.session.expired': onCheckout,
  'customer.subscription.created': onSubscription,
  'customer.subscription.updated': onSubscription,
  'customer.subscription.deleted': onSubscription,
  'customer.subscription.paused': onSubscription,
  'customer.subscription.resumed': onSubscription,
  'invoice.payment_succeeded': onInvoice(sendReceipt, ({ amount_paid: paid }) => paid > 0),
  'invoice.payment_failed': onInvoice(sendPaymentFailed, ({ status }) => status !== 'paid'),
  'charge.refunded': onPayment,
  'charge.refund.updated': onPayment,
  'refund.created': onPayment,
  'refund.updated': onPayment,
  'refund.failed': onPayment,
  'charge.dispute.created': onPayment,
  'charge.dispute.updated': onPayment,
  'charge.dispute.closed': onPayment,
  'charge.dispute.funds_withdrawn': onPayment,
  'charge.dispute.funds_reinstated': onPayment,
} as const satisfies Partial<Record<Stripe.Event.Type, Handler>>

/** Types of events that matter here; the endpoint at Stripe has to be subscribed to them. */
export const heardTypes = Object.keys(handlers) as (keyof typeof handlers)[]

/**
 * Does what an event is a reason for: to look at what it is about, and to store how that is now. What comes of it is stored together
 * with the event's id, so that it has its effect once, however often it arrives; in which order events arrive makes no difference.
 *
 * @returns whether it was new.
 * @throws StripeNotConfigured, StripeFailed; the event is then as good as not received.
 */
export async function handleEvent(platform: Platform, event: Stripe.Event): Promise<boolean> {
  const handler: Handler | undefined = Object.hasOwn(handlers, event.type) ? handlers[event.type as keyof typeof handlers] : undefined
  if (!handler || (await isRecorded(platform, event))) return false
  await handler(platform, event)
  return true
}
