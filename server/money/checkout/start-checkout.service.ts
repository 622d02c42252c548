import { createHash } from 'node:crypto'
import type Stripe from 'stripe'
import { askStripe, NoCheckoutUrl } from '#server/integrations/stripe/index.ts'
import type { AccountId, Platform } from '#server/platform/core/index.ts'
import * as queries from './checkouts.queries.ts'
import { factsOf, syncCheckout } from './sync-checkout.service.ts'

type Parameters = Stripe.Checkout.SessionCreateParams

/** A page to pay at. */
export interface CheckoutPage {
  id: string
  url: string
}

/**
 * Makes a page to pay at, that no account is known for.
 *
 * @param key Whoever asks with the same one, within a day, gets the same page.
 * @throws StripeNotConfigured, StripeFailed, NoCheckoutUrl
 */
export async function createPage(platform: Platform, parameters: Parameters, key?: string): Promise<CheckoutPage> {
  return pageOf(await createSession(platform, parameters, key))
}

/**
 * Makes a page where an account pays, or gives the one again that is open: however often it is asked for, at the same moment too, there
 * is one page until that was paid at or has expired.
 *
 * @throws StripeNotConfigured, StripeFailed, NoCheckoutUrl
 */
export async function createPageFor(
  platform: Platform,
  accountId: AccountId,
  purpose: queries.Purpose,
  parameters: Parameters,
): Promise<CheckoutPage> {
  const { system } = platform.databases
  const what = createHash('sha256').update(JSON.stringify(parameters)).digest('hex').slice(0, 16)
  const make = async () => {
    const attempt = await queries.countClosed(system, accountId, purpose)
    return createSession(platform, parameters, `checkout:${accountId}:${purpose}:${what}:${attempt}`)
  }
  const session = await make()
  if (!(await queries.findCheckout(system, session.id))) {
    await queries.upsertCheckout(system, accountId, factsOf(session)!)
    return pageOf(session)
  }
  // What Stripe gives again is the session as it was made.
  const now = await syncCheckout(platform, session.id)
  return pageOf(now === undefined || now.status === 'open' ? session : await makeAnother(platform, accountId, make))
}

async function makeAnother(
  platform: Platform,
  accountId: AccountId,
  make: () => Promise<Stripe.Checkout.Session>,
): Promise<Stripe.Checkout.Session> {
  const session = await make()
  await queries.upsertCheckout(platform.databases.system, accountId, factsOf(session)!)
  return session
}

const createSession = (platform: Platform, parameters: Parameters, key: string | undefined): Promise<Stripe.Checkout.Session> =>
  askStripe(platform, (stripe) => stripe.checkout.sessions.create(parameters, key === undefined ? {} : { idempotencyKey: key }))

function pageOf({ id, url }: Stripe.Checkout.Session): CheckoutPage {
  if (!url) throw new NoCheckoutUrl()
  return { id, url }
}
