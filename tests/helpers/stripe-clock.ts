import { expect } from 'vitest'
import type { Portal } from '../fakes/stripe/portal.ts'
import type { Subscription } from '../fakes/stripe/state.ts'
import { TRIAL_DAYS } from '../../server/money/billing/index.ts'
import { setAccount } from './set-account.ts'
import type { StripeServer } from './stripe-server.ts'
import type { TestAccount } from './test-server.ts'

const DAY_SECONDS = 86_400

/** Somebody whose time at Stripe is that of a test clock. */
export interface ClockedAccount {
  account: TestAccount
  /** Lets days pass. Nothing of it is delivered by this. */
  passDays(days: number): Promise<void>
  /** Buys a plan at its page. */
  buy(plan: string): Promise<Subscription>
  /** The page where they look after what they pay for. */
  portal(): Promise<Portal>
  /** The charge an invoice was paid by, the newest first. */
  chargeOf(nth: number): ReturnType<StripeServer['stripe']['payments']['chargeOf']>
}

/** @param daysAgo When the clock begins. */
export async function createInClock(server: StripeServer, daysAgo: number): Promise<ClockedAccount> {
  const { stripe } = server
  const { testHelpers, customers } = stripe.connect()
  let time = Math.floor(Date.now() / 1000) - daysAgo * DAY_SECONDS
  const { id } = await testHelpers.testClocks.create({ frozen_time: time })
  const account = await server.createAccount()
  const { id: customer } = await customers.create({ email: account.email, test_clock: id, metadata: { userId: account.id } })
  // They have been here for as long: their free days without a plan are over.
  const trialEndsAt = new Date((time + TRIAL_DAYS * DAY_SECONDS) * 1000).toISOString()
  await setAccount(server, account.id, { stripeCustomerId: customer, trialEndsAt })
  return {
    account,
    async passDays(days) {
      time += days * DAY_SECONDS
      await testHelpers.testClocks.advance(id, { frozen_time: time })
      await expect.poll(async () => (await testHelpers.testClocks.retrieve(id)).status, { interval: 1 }).toBe('ready')
    },
    async buy(plan) {
      const { subscription } = stripe.pay(await server.follow(`/api/stripe/checkout?plan=${plan}`, account))
      return stripe.state.subscriptions.get(subscription!)!
    },
    async portal() {
      const { url } = await server.trpc({ cookie: account.cookie }).subscriptions.portal.mutate({})
      return stripe.portalAt(url)
    },
    chargeOf(nth) {
      const paid = [...stripe.state.invoices.values()].filter((invoice) => invoice.customer === customer && invoice.charge !== null)
      return stripe.state.charges.get(paid.toReversed()[nth]!.charge!)!
    },
  }
}
