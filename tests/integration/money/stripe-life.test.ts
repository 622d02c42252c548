import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { waitForMails, waitForQueue } from '../../helpers/outbox.ts'
import { startStripeServer, type StripeServer } from '../../helpers/stripe-server.ts'
import type { TestAccount } from '../../helpers/test-server.ts'
import { bookOf } from '../../helpers/ledger.ts'
import { reserveCredits, settleHold } from '../../../server/money/billing/index.ts'
import type { AccountId } from '../../../server/platform/core/context.ts'

let server: StripeServer
let price: string
beforeAll(async () => {
  server = await startStripeServer((stripe) => ({ STRIPE_CREDIT_PRICES: (price = stripe.addPrice(2000)) }))
})
afterAll(() => server.close())

const subscriptionOf = (id: string | null) => server.stripe.state.subscriptions.get(id!)!
const info = async ({ key }: TestAccount) => (await server.call('GET', '/api/billing', { key })).body
/** Stripe thinks it is so many days ago, so that what it plays from there ends at the present of the server. */
const beginAgo = (days: number): void => void (server.stripe.state.now = Math.floor(Date.now() / 1000) - days * 86_400)
/** Lets days pass at Stripe. */
async function passDays(days: number): Promise<void> {
  server.stripe.passDays(days)
  await server.deliver()
}

test('a plan ends when nobody pays, after the days of grace', async () => {
  beginAgo(15)
  const { account, session } = await server.createSubscriber('solo')
  server.stripe.state.declined.add(subscriptionOf(session.subscription).customer)
  await passDays(8)
  expect(await info(account)).toMatchObject({ currentPlan: 'solo', subscriptionStatus: 'past_due' })
  expect(await canCreateAgents(account)).toBe(false)
  await passDays(21)
  expect(await info(account)).toMatchObject({ currentPlan: 'free', subscriptionStatus: 'cancelled' })
})

test('whoever pays gets a receipt, and hears of a payment that failed', async () => {
  const { account, session } = await server.createSubscriber('solo')
  await waitForQueue(server)
  const before = (await waitForMails(server, account.email, 1)).length
  server.stripe.passDays(8)
  await server.deliver({ times: 2 })
  server.stripe.state.declined.add(subscriptionOf(session.subscription).customer)
  server.stripe.passDays(31)
  await server.deliver()
  const mails = (await waitForMails(server, account.email, before + 2)).slice(before)
  expect(mails.map(({ subject }) => subject)).toEqual([expect.stringMatching(/^Receipt AGENT-/), 'Your payment failed'])
  expect(mails[0]!.text).toContain('£29.00')
})

test('of two plans that were bought at once the older one is cancelled', async () => {
  const account = await server.createAccount()
  const [first, second] = [
    await server.follow('/api/stripe/checkout?plan=solo', account),
    await server.follow('/api/stripe/checkout?plan=label', account),
  ]
  const older = server.stripe.pay(first)
  server.stripe.state.now += 5
  const newer = server.stripe.pay(second)
  await server.deliver()
  expect(subscriptionOf(older.subscription).status).toBe('canceled')
  expect(subscriptionOf(newer.subscription).status).toBe('trialing')
  await server.deliver()
  expect(await server.planOf(account)).toEqual({ plan: 'label', subscriptionStatus: 'trialing' })
})

describe('credits whose payment goes back', () => {
  const buy = async () => {
    const account = await server.createAccount()
    const session = server.stripe.pay(await server.follow(`/api/stripe/credits?price=${price}`, account))
    await server.deliver()
    const charge = server.stripe.payments.chargeOf(session.payment_intent)
    return { account, charge }
  }
  const creditsOf = async ({ key }: TestAccount) => (await server.call('GET', '/api/credits', { key })).body

  test('go with it, in parts and once', async () => {
    const { account, charge } = await buy()
    server.stripe.payments.refund(charge, 500)
    await server.deliver({ times: 3 })
    expect(await creditsOf(account)).toMatchObject({ credits: 15, owedCredits: 0 })
    server.stripe.payments.refund(charge, 1500)
    await server.deliver()
    expect(await creditsOf(account)).toMatchObject({ credits: 0, owedCredits: 0 })
  })

  test('never go below zero: what was spent is owed, and taken from the next', async () => {
    const { account, charge } = await buy()
    await settleHold(server.platform, await reserveCredits(server.platform, account.id as AccountId, 12_000_000, 'spent'), 12_000_000)
    server.stripe.payments.refund(charge, 2000)
    await server.deliver()
    expect(await creditsOf(account)).toMatchObject({ credits: 0, owedCredits: 12 })
    server.stripe.pay(await server.follow(`/api/stripe/credits?price=${price}`, account))
    await server.deliver()
    expect(await creditsOf(account)).toMatchObject({ credits: 8, owedCredits: 0 })
  })

  test('go with a dispute, and come again when it is won', async () => {
    const { account, charge } = await buy()
    const dispute = server.stripe.payments.dispute(charge)
    await server.deliver()
    expect(await creditsOf(account)).toMatchObject({ credits: 0 })
    server.stripe.payments.closeDispute(dispute, 'won')
    await server.deliver({ times: 2 })
    expect(await creditsOf(account)).toMatchObject({ credits: 20, owedCredits: 0 })
  })

  test('are not given at all when the refund is heard of first', async () => {
    const account = await server.createAccount()
    const session = server.stripe.pay(await server.follow(`/api/stripe/credits?price=${price}`, account))
    const charge = server.stripe.payments.chargeOf(session.payment_intent)
    server.stripe.payments.refund(charge, 2000)
    await server.deliver({ shuffle: (events) => events.toReversed() })
    expect(await creditsOf(account)).toMatchObject({ credits: 0, owedCredits: 0 })
  })

  test('leave the books in balance', async () => {
    const { sum } = await server.platform.databases.system
      .selectFrom('ledgerEntries')
      .select(({ fn }) => fn.sum('amount').as('sum'))
      .executeTakeFirstOrThrow()
    expect(Number(sum)).toBe(0)
    expect(await bookOf(server.platform, 'stripe')).toBeLessThan(0)
  })
})

async function canCreateAgents(account: TestAccount): Promise<boolean> {
  const { status } = await server.call('POST', '/api/agents', { key: account.key, body: { name: 'Clerk' } })
  return status === 201
}
