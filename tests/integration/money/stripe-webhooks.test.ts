import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { checkStripe, handleEventsSince, sweepStripe } from '../../../server/money/stripe-webhooks/sweep.service.ts'
import { verifyBilling } from '../../../server/money/stripe-webhooks/verify.service.ts'
import { startStripeServer, type StripeServer } from '../../helpers/stripe-server.ts'
import type { TestAccount } from '../../helpers/test-server.ts'

let server: StripeServer
let price: string
beforeAll(async () => {
  server = await startStripeServer((stripe) => ({ STRIPE_CREDIT_PRICES: (price = stripe.addPrice(2000)) }))
})
afterAll(() => server.close())

const PATH = '/api/webhooks/stripe'
const post = (payload: string, signature: string) =>
  server.call('POST', PATH, { body: payload, headers: { 'stripe-signature': signature } })
const creditsOf = async ({ key }: TestAccount): Promise<number> => (await server.call('GET', '/api/credits', { key })).body.credits
const payForCredits = async (account: TestAccount) => server.stripe.pay(await server.follow(`/api/stripe/credits?price=${price}`, account))
/** In an order that is another for each seed, and the same for the same. */
const shuffledBy =
  (seed: number) =>
  <T>(things: T[]): T[] =>
    things
      .map((thing, index) => ({ thing, at: Math.imul(index + 1, 2654435761 + seed * 40503) >>> 0 }))
      .sort((a, b) => a.at - b.at)
      .map(({ thing }) => thing)

describe('a delivery that is not from Stripe', () => {
  const seconds = () => Math.floor(Date.now() / 1000)

  test.each([
    ['is not signed', () => ''],
    ['is signed with another secret', (payload: string) => server.stripe.sign(payload, seconds(), 'whsec_a_guess')],
    ['was signed for another body', () => server.stripe.sign('{}')],
    ['is five minutes old', (payload: string) => server.stripe.sign(payload, seconds() - 301)],
  ])('changes nothing when it %s', async (_what, sign) => {
    const account = await server.createAccount()
    await payForCredits(account)
    const payload = JSON.stringify(server.stripe.newest('checkout.session.completed'))
    expect(await post(payload, sign(payload))).toMatchObject({ status: 400, body: { code: 'SIGNATURE_INVALID' } })
    expect(await creditsOf(account)).toBe(0)
    server.stripe.deliveries.drop()
  })

  test('says what is not so: only what Stripe has counts', async () => {
    const account = await server.createAccount()
    const url = await server.follow(`/api/stripe/credits?price=${price}`, account)
    const { id } = server.stripe.sessionAt(url)
    const object = { id, object: 'checkout.session', payment_status: 'paid', amount_total: 999_999, currency: 'usd' }
    const payload = JSON.stringify({ id: 'evt_claim', object: 'event', type: 'checkout.session.completed', created: 1, data: { object } })
    expect(await post(payload, server.stripe.sign(payload))).toMatchObject({ status: 200, body: { received: true } })
    expect(await creditsOf(account)).toBe(0)
  })
})

test('events that do not matter are acknowledged', async () => {
  const payload = JSON.stringify({ id: 'evt_other', object: 'event', type: 'payout.paid', created: 1, data: { object: { id: 'po_1' } } })
  expect(await post(payload, server.stripe.sign(payload))).toMatchObject({ status: 200, body: { received: true } })
})

test('an event that could not be handled is not acknowledged, and has its effect when it comes again', async () => {
  const account = await server.createAccount()
  await payForCredits(account)
  server.stripe.failNext('GET /v1/checkout/sessions/{id}', ...Array.from({ length: 3 }, () => ({ status: 500, type: 'api_error' })))
  expect(await server.deliver()).toContain(500)
  await server.deliver()
  expect(await creditsOf(account)).toBe(20)
})

test('the same event many times at once has its effect once', async () => {
  const account = await server.createAccount()
  await payForCredits(account)
  expect(new Set(await server.deliver({ times: 8, atOnce: true }))).toEqual(new Set([200]))
  expect(await creditsOf(account)).toBe(20)
  expect(await server.trpc({ key: account.key }).credits.history.query({})).toHaveLength(1)
})

test('whatever order events of one second come in, twice and at once, all ends as Stripe has it', async () => {
  const subscribers: Awaited<ReturnType<typeof server.createSubscriber>>[] = []
  for (let i = 0; i < 5; i++) subscribers.push(await server.createSubscriber('solo'))
  const plans = ['collective', 'label', 'solo', 'network', 'label']
  for (const [index, { session }] of subscribers.entries()) {
    const subscription = server.stripe.state.subscriptions.get(session.subscription!)!
    for (const plan of plans.slice(0, 1 + (index % plans.length))) {
      subscription.items.data[0]!.price = { ...subscription.items.data[0]!.price, product: `agentbot_${plan}` }
      server.stripe.state.emit('customer.subscription.updated', subscription)
    }
    if (index % 4 === 0) server.stripe.life.cancel(subscription)
  }
  await server.deliver({ times: 2, atOnce: true, shuffle: shuffledBy(7) })
  for (const [index, { account }] of subscribers.entries()) {
    const plan = index % 4 === 0 ? 'free' : plans[index % plans.length]
    expect(await server.planOf(account), String(index)).toMatchObject({ plan })
  }
})

test('what happened while no delivery arrived is done by the sweep, and once', async () => {
  // Of what came before nothing was lost.
  server.stripe.state.events.length = 0
  const [payer, buyer] = [await server.createAccount(), await server.createAccount()]
  const { account: leaver, session } = await server.createSubscriber('label')
  server.stripe.pay(await server.follow('/api/stripe/checkout?plan=collective', payer))
  await payForCredits(buyer)
  server.stripe.life.cancel(server.stripe.state.subscriptions.get(session.subscription!)!)
  server.stripe.deliveries.drop()
  await server.platform.databases.system
    .updateTable('stripeSweeps')
    .set({ claimedAt: new Date(0).toISOString() })
    .execute()
  await sweepStripe(server.platform)
  expect(await server.planOf(payer)).toMatchObject({ plan: 'collective' })
  expect(await server.planOf(leaver)).toMatchObject({ plan: 'free', subscriptionStatus: 'cancelled' })
  expect(await creditsOf(buyer)).toBe(20)
  expect(await handleEventsSince(server.platform, 0)).toEqual({ missed: 0, failed: 0 })
})

test('everything is compared with Stripe, and mended', async () => {
  // What earlier tests left open is closed first.
  await verifyBilling(server.platform)
  const { account, session } = await server.createSubscriber('label')
  const buyer = await server.createAccount()
  await payForCredits(buyer)
  const subscription = server.stripe.state.subscriptions.get(session.subscription!)!
  subscription.status = 'canceled'
  server.stripe.state.events.length = 0
  expect(await verifyBilling(server.platform)).toMatchObject({
    events: 0,
    failed: 0,
    subscriptions: { mended: 1 },
    checkouts: { mended: 1 },
  })
  expect(await server.planOf(account)).toMatchObject({ plan: 'free' })
  expect(await creditsOf(buyer)).toBe(20)
})

test('subscriptions that nobody spoke of for a day are looked at', async () => {
  const { account, session } = await server.createSubscriber('label')
  const subscription = server.stripe.state.subscriptions.get(session.subscription!)!
  subscription.status = 'canceled'
  const { system } = server.platform.databases
  await system
    .updateTable('subscriptions')
    .set({ checkedAt: new Date(0).toISOString() })
    .where('id', '=', subscription.id)
    .execute()
  await checkStripe(server.platform)
  expect(await server.planOf(account)).toMatchObject({ plan: 'free' })
})

test('what Stripe has changed of a plan is in the audit log, by the id of its subscription', async () => {
  // Of what came before nothing was lost.
  server.stripe.state.events.length = 0
  const { account, session } = await server.createSubscriber('label')
  const subscription = server.stripe.state.subscriptions.get(session.subscription!)!
  const changes = async () => {
    const { events } = await server.trpc({ cookie: account.cookie }).audit.list.query({ action: 'subscriptions.changed' })
    return events.map(({ actor, targets, changes }) => ({ actor, targets, changes }))
  }
  const by = { actor: { type: 'job', id: null, name: 'Stripe' }, targets: [{ type: 'subscription', id: subscription.id }] }
  const began = {
    ...by,
    changes: [
      { field: 'plan', before: 'free', after: 'label' },
      { field: 'subscriptionStatus', before: expect.any(String), after: 'trialing' },
    ],
  }
  expect(await changes()).toEqual([began])

  server.stripe.life.cancel(subscription)
  server.stripe.deliveries.drop()
  await server.platform.databases.system
    .updateTable('stripeSweeps')
    .set({ claimedAt: new Date(0).toISOString() })
    .execute()
  await sweepStripe(server.platform)
  const ended = {
    ...by,
    changes: [
      { field: 'plan', before: 'label', after: 'free' },
      { field: 'subscriptionStatus', before: 'trialing', after: 'cancelled' },
    ],
  }
  expect(await changes()).toEqual([ended, began])
})
