import type Stripe from 'stripe'
import { askStripe, findAtStripe } from '#server/integrations/stripe/index.ts'
import { accountOf, type AccountContext, type SessionContext } from '#server/platform/core/index.ts'
import { formatMoney } from '#server/platform/money/index.ts'
import type { PlanName } from '../billing/index.ts'
import { ensureProduct, priceDataOf } from './stripe-prices.ts'
import { type ChangePlan, type Invoice, MAX_INVOICES, type PortalPage, type PaidSubscription } from './subscriptions.contract.ts'
import { ChangeUnpaid, NoPlanRunning } from './subscriptions.errors.ts'
import * as queries from './subscriptions.queries.ts'
import { ensureCustomer, syncSubscription } from './subscriptions.service.ts'

type Running = Awaited<ReturnType<typeof queries.listRunning>>[number]

/** What the account pays for every month: its plan first. */
export async function listSubscriptions(ctx: AccountContext): Promise<PaidSubscription[]> {
  const [plans, storage] = [
    await queries.listRunning(ctx.db, accountOf(ctx), 'plan'),
    await queries.listRunning(ctx.db, accountOf(ctx), 'storage'),
  ]
  return [...plans, ...storage].map(toSubscription)
}

const toSubscription = ({ purpose, plan, ...facts }: Running): PaidSubscription => ({
  ...facts,
  purpose: purpose as PaidSubscription['purpose'],
  plan: plan as PlanName | null,
})

/**
 * Moves the account to another plan at once. What is left of the month is charged, or credited, right away; a plan whose difference
 * cannot be charged is not given.
 *
 * @throws NoPlanRunning, ChangeUnpaid; StripeNotConfigured, StripeFailed
 */
export async function changePlan(ctx: SessionContext, { plan }: ChangePlan): Promise<PaidSubscription> {
  const { platform } = ctx
  const accountId = accountOf(ctx)
  const { system } = platform.databases
  const [running] = await queries.listRunning(system, accountId, 'plan')
  if (!running) throw new NoPlanRunning()
  const purchase = { purpose: 'plan', plan } as const
  const found = await findAtStripe(platform, (stripe) => stripe.subscriptions.retrieve(running.id))
  if (!found) throw new NoPlanRunning()
  await askStripe(platform, async (stripe) => {
    await ensureProduct(stripe, purchase)
    await stripe.subscriptions.update(running.id, {
      items: [{ id: found.items.data[0]!.id, price_data: priceDataOf(purchase) }],
      payment_behavior: 'pending_if_incomplete',
      proration_behavior: 'always_invoice',
    })
  })
  await syncSubscription(platform, running.id)
  const now = (await queries.listRunning(system, accountId, 'plan')).find(({ id }) => id === running.id)
  if (now?.plan !== plan) throw new ChangeUnpaid(now?.plan ?? running.plan!)
  return toSubscription(now)
}

/** The page where the account looks after its card and its invoices, and cancels. @throws StripeNotConfigured, StripeFailed */
export async function openPortal(ctx: SessionContext): Promise<PortalPage> {
  const { platform, actor } = ctx
  const customer = await ensureCustomer(platform, actor.account)
  const { url } = await askStripe(platform, (stripe) =>
    stripe.billingPortal.sessions.create({ customer, return_url: `${platform.env.APP_URL}/billing` }),
  )
  return { url }
}

/** The newest invoices of the account, as Stripe has them now. None where nothing was ever bought. @throws StripeFailed */
export async function listInvoices(ctx: AccountContext): Promise<Invoice[]> {
  const { platform } = ctx
  const customer = platform.env.STRIPE_SECRET_KEY ? await queries.findCustomer(platform.databases.system, accountOf(ctx)) : null
  if (customer === null) return []
  const { data } = await askStripe(platform, (stripe) => stripe.invoices.list({ customer, limit: MAX_INVOICES }))
  return data.map(toInvoice)
}

const toInvoice = (invoice: Stripe.Invoice): Invoice => ({
  id: invoice.id,
  number: invoice.number,
  status: invoice.status ?? 'draft',
  // A change to a smaller plan is credited.
  amount: `${invoice.total < 0 ? '-' : ''}${formatMoney(Math.abs(invoice.total), invoice.currency)}`,
  createdAt: new Date(invoice.created * 1000).toISOString(),
  url: invoice.hosted_invoice_url ?? null,
  pdf: invoice.invoice_pdf ?? null,
})
