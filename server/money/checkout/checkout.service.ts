import type Stripe from 'stripe'
import { askStripe, findAtStripe, requireStripe } from '#server/integrations/stripe/index.ts'
import {
  accountOf,
  type AccountContext,
  type Context,
  hasAccount,
  hasScope,
  type Platform,
  type SessionContext,
} from '#server/platform/core/index.ts'
import { planNamed, type PlanName, TRIAL_DAYS } from '../billing/index.ts'
import {
  deleteUnclaimed,
  ensureCustomer,
  ensureProduct,
  hasHadPlan,
  listRunning,
  priceDataOf,
  type Purchase,
} from '../subscriptions/index.ts'
import type * as contract from './checkout.contract.ts'
import * as errors from './checkout.errors.ts'
import { packs } from './credit-packs.ts'
import { createPage, createPageFor } from './start-checkout.service.ts'
import { buyerOf, factsOf, idOf, syncCheckout } from './sync-checkout.service.ts'

type Parameters = Stripe.Checkout.SessionCreateParams

/**
 * The page where a plan is paid for, also for somebody who is not signed in: their payment then belongs to the account that has the
 * address they give there.
 *
 * @throws InvalidPlan, MayNotBuy, PlanRunning; StripeNotConfigured, StripeFailed, NoCheckoutUrl
 */
export async function visitCheckout(ctx: Context, { plan: name }: contract.VisitCheckout): Promise<contract.VisitedCheckout> {
  const plan = planNamed(name)
  if (plan === undefined) throw new errors.InvalidPlan()
  if (!hasAccount(ctx)) return createPage(ctx.platform, await planParameters(ctx.platform, plan, { trialDays: TRIAL_DAYS }))
  if (!hasScope(ctx.actor, 'payments:write')) throw new errors.MayNotBuy()
  if (ctx.actor.account.isAdmin) return { url: `/onboard?plan=${plan}&paid=1&admin=1` }
  return buyPlan(ctx, { plan })
}

/**
 * The page where the account pays for a plan. The first plan of an account begins with free days.
 *
 * @throws PlanRunning when it has one; StripeNotConfigured, StripeFailed, NoCheckoutUrl
 */
export async function buyPlan(ctx: AccountContext, { plan }: contract.BuyPlan): Promise<contract.CheckoutPage> {
  const { platform, actor } = ctx
  const accountId = accountOf(ctx)
  const [running] = await listRunning(ctx.db, accountId, 'plan')
  if (running) throw new errors.PlanRunning(running.plan!)
  const trialDays = (await hasHadPlan(ctx.db, accountId)) ? 0 : TRIAL_DAYS
  const customer = await ensureCustomer(platform, actor.account)
  const { url } = await createPageFor(
    platform,
    accountId,
    'plan',
    await planParameters(platform, plan, { trialDays, customer, userId: accountId }),
  )
  return { url }
}

interface Buyer {
  trialDays: number
  customer?: string
  userId?: string
}

async function planParameters(platform: Platform, plan: PlanName, { trialDays, customer, userId }: Buyer): Promise<Parameters> {
  const { APP_URL } = platform.env
  const metadata = { plan, ...(userId ? { userId } : {}) }
  return {
    ...(await subscriptionParameters(platform, { purpose: 'plan', plan }, metadata, trialDays)),
    ...(customer ? { customer } : {}),
    success_url: `${APP_URL}/checkout/success?session_id={CHECKOUT_SESSION_ID}&plan=${plan}`,
    cancel_url: `${APP_URL}/pricing?cancelled=1`,
  }
}

async function subscriptionParameters(
  platform: Platform,
  purchase: Purchase,
  metadata: Record<string, string>,
  trialDays: number,
): Promise<Parameters> {
  await askStripe(platform, (stripe) => ensureProduct(stripe, purchase))
  return {
    mode: 'subscription',
    line_items: [{ price_data: priceDataOf(purchase), quantity: 1 }],
    metadata,
    subscription_data: { metadata, ...(trialDays > 0 ? { trial_period_days: trialDays } : {}) },
  }
}

/**
 * The page where the account pays for more room for files.
 *
 * @throws StripeNotConfigured, StripeFailed, NoCheckoutUrl
 */
export async function buyStorage(ctx: SessionContext): Promise<contract.CheckoutPage> {
  const { platform, actor } = ctx
  const accountId = accountOf(ctx)
  const customer = await ensureCustomer(platform, actor.account)
  const { url } = await createPageFor(platform, accountId, 'storage', {
    ...(await subscriptionParameters(platform, { purpose: 'storage' }, { type: 'storage_upgrade', userId: accountId }, 0)),
    customer,
    success_url: `${platform.env.APP_URL}/dashboard/files?upgrade=success`,
    cancel_url: `${platform.env.APP_URL}/dashboard/files?upgrade=cancelled`,
  })
  return { url }
}

/**
 * The page where the account pays for credit at one of the operator's prices.
 *
 * @throws InvalidPrice; StripeNotConfigured, StripeFailed, NoCheckoutUrl
 */
export async function visitCredits(ctx: SessionContext, { price }: contract.BuyCreditsByPrice): Promise<contract.CheckoutPage> {
  const { platform } = ctx
  requireStripe(platform)
  if (!platform.env.STRIPE_CREDIT_PRICES.includes(price)) throw new errors.InvalidPrice()
  const found = await findAtStripe(platform, (stripe) => stripe.prices.retrieve(price))
  // Credit is in dollars; a price in another currency would not say how much there is.
  if (!found?.active || found.type !== 'one_time' || found.currency !== 'usd') throw new errors.InvalidPrice()
  return creditsPage(ctx, { price, quantity: 1 })
}

/**
 * Orders a pack of credits; they come once it is paid.
 *
 * @throws StripeNotConfigured, StripeFailed, NoCheckoutUrl
 */
export async function buyCredits(ctx: SessionContext, { pack, amount }: contract.BuyCredits): Promise<contract.CreditsOrdered> {
  const { credits, cents } = packs[(pack ?? amount)!]
  const { url } = await creditsPage(ctx, {
    price_data: { currency: 'usd', unit_amount: cents, product_data: { name: `${credits} Agentbot credits` } },
    quantity: 1,
  })
  return { success: true, credits, price: `$${credits}`, url, status: 'pending' }
}

async function creditsPage(ctx: SessionContext, item: Stripe.Checkout.SessionCreateParams.LineItem): Promise<contract.CheckoutPage> {
  const { platform, actor } = ctx
  const accountId = accountOf(ctx)
  const metadata = { type: 'credits', userId: accountId }
  const { url } = await createPageFor(platform, accountId, 'credits', {
    mode: 'payment',
    line_items: [item],
    customer: await ensureCustomer(platform, actor.account),
    metadata,
    payment_intent_data: { metadata },
    success_url: `${platform.env.APP_URL}/billing?paid=1&session_id={CHECKOUT_SESSION_ID}`,
    cancel_url: `${platform.env.APP_URL}/billing?payment_cancelled=1`,
  })
  return { url }
}

/**
 * Confirms a checkout of a plan and switches the plan on, as its event would. Repeating it is harmless.
 *
 * @throws CheckoutForbidden for one of somebody else, or that there is not; CheckoutUnpaid; StripeNotConfigured, StripeFailed
 */
export async function verifyCheckout(ctx: SessionContext, { session_id: id }: contract.VerifyCheckout): Promise<contract.CheckoutVerified> {
  const { platform } = ctx
  const session = await findAtStripe(platform, (stripe) => stripe.checkout.sessions.retrieve(id))
  const plan = session && factsOf(session)?.plan
  if (!plan || !isOf(ctx, session)) throw new errors.CheckoutForbidden()
  const isPaid = session.payment_status === 'paid' || session.payment_status === 'no_payment_required'
  if (session.status !== 'complete' || !isPaid) throw new errors.CheckoutUnpaid()
  // Only who paid there knows its id: the address has been proved enough.
  await deleteUnclaimed(platform.databases.system, id)
  await syncCheckout(platform, id)
  const subscriptionId = session.subscription === null ? null : idOf(session.subscription)
  const running = await listRunning(platform.databases.system, accountOf(ctx), 'plan')
  const bought = running.find((one) => one.id === subscriptionId)
  return {
    plan: (bought?.plan ?? plan) as PlanName,
    status: 'active',
    nextBilling: bought && !bought.isEnding ? bought.periodEndsAt : null,
    customerId: session.customer === null ? '' : idOf(session.customer),
    subscriptionId,
  }
}

/** Whether a checkout was made by the account, or its address was given there by somebody who was not signed in. */
function isOf({ actor }: SessionContext, session: Stripe.Checkout.Session): boolean {
  const { userId, email } = buyerOf(session)
  if (userId !== undefined) return userId === actor.account.id
  return (
    typeof email === 'string' &&
    actor.account.id === actor.user.personalAccountId &&
    email.toLowerCase() === actor.user.email?.toLowerCase()
  )
}
