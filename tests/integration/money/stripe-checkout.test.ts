import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { getStorageUse } from '../../../server/agents/files/storage-use.service.ts'
import { jobContext } from '../../../server/platform/account/index.ts'
import { startStripeServer, type StripeServer } from '../../helpers/stripe-server.ts'
import { setAccount } from '../../helpers/set-account.ts'
import { callIn, createTeam, joinTeam } from '../../helpers/teams.ts'
import { startTestServer, type TestServer } from '../../helpers/test-server.ts'

let server: StripeServer
let price: string
let poundPrice: string
beforeAll(async () => {
  server = await startStripeServer((stripe) => {
    price = stripe.addPrice(2000)
    poundPrice = stripe.addPrice(2000, { currency: 'gbp' })
    return { ADMIN_EMAILS: 'boss@example.org', STRIPE_CREDIT_PRICES: [price, poundPrice].join(',') }
  })
})
afterAll(() => server.close())

describe('the link to the checkout of a plan', () => {
  test('leads to a page of Stripe that names who buys, and begins with seven days that cost nothing', async () => {
    const account = await server.createAccount()
    const url = await server.follow('/api/stripe/checkout?plan=LABEL', account)
    expect(url).toMatch(/^https:\/\/checkout\.stripe\.com\//)
    const session = server.stripe.sessionAt(url)
    expect(session).toMatchObject({
      mode: 'subscription',
      currency: 'gbp',
      amount_total: 0,
      metadata: { plan: 'label', userId: account.id },
    })
    expect(session.success_url).toMatch(/\/checkout\/success\?session_id=\{CHECKOUT_SESSION_ID\}&plan=label$/)
    expect(session.cancel_url).toMatch(/\/pricing\?cancelled=1$/)
  })

  test.each([
    ['/api/stripe/checkout', '/pricing?error=invalid_plan'],
    ['/api/stripe/checkout?plan=gold', '/pricing?error=invalid_plan'],
    ['/api/stripe/credits?price=price_1', '/billing?error=unauthorized'],
  ])('%s leads to %s', async (path, place) => expect(await server.follow(path)).toBe(place))

  test('leads back where Stripe refuses, or gives no page', async () => {
    const { failNext } = server.stripe
    failNext.call(server.stripe, 'POST /v1/checkout/sessions', { status: 400, type: 'invalid_request_error' })
    expect(await server.follow('/api/stripe/checkout?plan=solo')).toBe('/pricing?error=checkout_failed')
    server.stripe.changeNext('POST /v1/checkout/sessions', { url: null })
    expect(await server.follow('/api/stripe/checkout?plan=solo')).toBe('/pricing?error=no_checkout_url')
  })

  test('leads an operator on, who pays nothing', async () => {
    const boss = await server.createAccount({ email: 'boss@example.org' })
    await setAccount(server, boss.id, { emailVerifiedAt: new Date().toISOString() })
    expect(await server.follow('/api/stripe/checkout?plan=network', boss)).toBe('/onboard?plan=network&paid=1&admin=1')
  })

  test('leads who has a plan to the place where it is changed', async () => {
    const { account } = await server.createSubscriber('solo')
    expect(await server.follow('/api/stripe/checkout?plan=label', account)).toBe('/billing?change=label')
  })

  test('makes one page however often it is followed at once', async () => {
    const account = await server.createAccount()
    const urls = await Promise.all(Array.from({ length: 20 }, () => server.follow('/api/stripe/checkout?plan=solo', account)))
    expect(new Set(urls).size).toBe(1)
    expect([...server.stripe.state.sessions.values()].filter(({ metadata }) => metadata?.userId === account.id)).toHaveLength(1)
  })

  test('is nothing for who may only look', async () => {
    const owner = await server.createAccount()
    const team = await createTeam(server, owner)
    const viewer = await joinTeam(server, team, owner, 'viewer')
    const { headers } = await callIn(server, team, 'GET', '/api/stripe/checkout?plan=solo', { cookie: viewer.cookie })
    expect(headers.get('location')).toBe('/pricing?error=forbidden')
  })

  test('leads back from credits as well where Stripe refuses, or gives no page', async () => {
    const account = await server.createAccount()
    server.stripe.failNext('POST /v1/checkout/sessions', { status: 400, type: 'invalid_request_error' })
    expect(await server.follow(`/api/stripe/credits?price=${price}`, account)).toBe('/billing?error=checkout_failed')
    server.stripe.changeNext('POST /v1/checkout/sessions', { url: null })
    expect(await server.follow(`/api/stripe/credits?price=${price}`, account)).toBe('/billing?error=no_checkout_url')
  })

  test('works without signing in: the payment belongs to who has the address', async () => {
    const account = await server.createAccount()
    const url = await server.follow('/api/stripe/checkout?plan=collective')
    server.stripe.pay(url, { email: account.email.toUpperCase() })
    await server.deliver()
    expect(await server.planOf(account)).toEqual({ plan: 'collective', subscriptionStatus: 'trialing' })
  })

  test('gives free days once', async () => {
    const { account, session } = await server.createSubscriber('solo')
    server.stripe.life.cancel(server.stripe.state.subscriptions.get(session.subscription!)!)
    await server.deliver()
    expect(await server.planOf(account)).toEqual({ plan: 'free', subscriptionStatus: 'cancelled' })
    const url = await server.follow('/api/stripe/checkout?plan=solo', account)
    expect(server.stripe.sessionAt(url).amount_total).toBe(2900)
  })
})

describe('credits', () => {
  test('come once the payment has arrived, one for each dollar, with a receipt', async () => {
    const account = await server.createAccount()
    const { body } = await server.call('POST', '/api/billing', { cookie: account.cookie, body: { action: 'buy-credits', pack: '200' } })
    expect(body).toMatchObject({ success: true, credits: 15, price: '$15', status: 'pending' })
    expect(await creditsOf(account.key)).toBe(0)
    server.stripe.pay(body.url)
    await server.deliver({ times: 2 })
    expect(await creditsOf(account.key)).toBe(15)
    const history = await server.trpc({ key: account.key }).credits.history.query({})
    expect(history).toMatchObject([{ credits: 15, reason: 'credits bought' }])
  })

  test('come by a price of the operator, and only by one in dollars that is on the list', async () => {
    const account = await server.createAccount()
    server.stripe.pay(await server.follow(`/api/stripe/credits?price=${price}`, account))
    await server.deliver()
    expect(await creditsOf(account.key)).toBe(20)
    for (const other of ['', 'price_other', poundPrice])
      expect(await server.follow(`/api/stripe/credits?price=${other}`, account)).toBe('/billing?error=invalid_price')
  })

  test('of a payment that takes days come when it has arrived, and not at all when it fails', async () => {
    const [waiting, failing] = [await server.createAccount(), await server.createAccount()]
    const sessions = await Promise.all(
      [waiting, failing].map(async (account) =>
        server.stripe.pay(await server.follow(`/api/stripe/credits?price=${price}`, account), { isDelayed: true }),
      ),
    )
    await server.deliver()
    expect([await creditsOf(waiting.key), await creditsOf(failing.key)]).toEqual([0, 0])
    server.stripe.life.settle(sessions[0]!, true)
    server.stripe.life.settle(sessions[1]!, false)
    await server.deliver()
    expect([await creditsOf(waiting.key), await creditsOf(failing.key)]).toEqual([20, 0])
  })

  test('can be bought again, by a page of its own', async () => {
    const account = await server.createAccount()
    const first = await server.follow(`/api/stripe/credits?price=${price}`, account)
    expect(await server.follow(`/api/stripe/credits?price=${price}`, account)).toBe(first)
    server.stripe.pay(first)
    // No event has arrived yet.
    const second = await server.follow(`/api/stripe/credits?price=${price}`, account)
    expect(second).not.toBe(first)
    expect(await creditsOf(account.key)).toBe(20)
  })

  test.each([
    ['of another currency', { currency: 'gbp' }],
    ['of a fraction of a cent', { amount_total: 10.5 }],
    ['below zero', { amount_total: -500 }],
    ['that nobody counted', { amount_total: null }],
    ['beyond what can be counted', { amount_total: 2 ** 60 }],
  ])('are not given for an amount %s', async (_what, wrong) => {
    const account = await server.createAccount()
    const session = server.stripe.pay(await server.follow(`/api/stripe/credits?price=${price}`, account))
    Object.assign(session, wrong)
    await server.deliver()
    expect(await creditsOf(account.key)).toBe(0)
  })
})

describe('a checkout that is verified', () => {
  test('switches the plan on before its events have arrived, again and again', async () => {
    const account = await server.createAccount()
    const session = server.stripe.pay(await server.follow('/api/stripe/checkout?plan=label', account))
    for (let i = 0; i < 2; i++) {
      const { status, body } = await verify(session.id, account.cookie)
      expect({ status, body }).toMatchObject({
        status: 200,
        body: { plan: 'label', status: 'active', subscriptionId: session.subscription },
      })
    }
    expect(await server.planOf(account)).toEqual({ plan: 'label', subscriptionStatus: 'trialing' })
  })

  test('is refused when it is not paid, of somebody else, or none', async () => {
    const [account, other] = [await server.createAccount(), await server.createAccount()]
    const url = await server.follow('/api/stripe/checkout?plan=label', account)
    const { id } = server.stripe.sessionAt(url)
    expect(await verify(id, account.cookie)).toMatchObject({ status: 402 })
    server.stripe.pay(url, { email: other.email })
    expect(await verify(id, other.cookie)).toMatchObject({ status: 403, body: { code: 'CHECKOUT_FORBIDDEN' } })
    expect(await verify('cs_none', account.cookie)).toMatchObject({ status: 403 })
    expect(await verify('', account.cookie)).toMatchObject({ status: 400 })
    expect(await server.planOf(other)).toMatchObject({ plan: 'free' })
  })
})

test('more storage is there once its payment has arrived, and goes with its subscription', async () => {
  const { account } = await server.createSubscriber('solo')
  const limit = async () => {
    const ctx = (await jobContext(server.platform, account.id))!
    return (await getStorageUse(ctx)).limitBytes
  }
  const before = await limit()
  const { body } = await server.call('POST', '/api/stripe/storage-upgrade', { cookie: account.cookie })
  const session = server.stripe.pay(body.url)
  expect(session).toMatchObject({ amount_total: 3900, currency: 'gbp' })
  expect(session.success_url).toMatch(/\/dashboard\/files\?upgrade=success$/)
  await server.deliver()
  expect((await limit()) - before).toBe(50 * 1024 ** 3)
  server.stripe.life.cancel(server.stripe.state.subscriptions.get(session.subscription!)!)
  await server.deliver()
  expect(await limit()).toBe(before)
  expect(await server.planOf(account)).toMatchObject({ plan: 'solo' })
})

describe('a server without Stripe', () => {
  let free: TestServer
  beforeAll(async () => {
    free = await startTestServer()
  })
  afterAll(() => free.close())

  test('says so, and asks nobody for money', async () => {
    const { cookie, key } = await free.createAccount()
    const location = async (path: string) => (await free.call('GET', path, { cookie })).headers.get('location')
    expect(await location('/api/stripe/checkout?plan=solo')).toBe('/pricing?error=stripe_not_configured')
    expect(await location('/api/stripe/credits?price=price_1')).toBe('/billing?error=stripe_not_configured')
    expect(await free.call('POST', '/api/billing', { cookie, body: { action: 'create-checkout', plan: 'solo' } })).toMatchObject({
      status: 503,
    })
    expect(await free.call('POST', '/api/webhooks/stripe', { body: {} })).toMatchObject({ status: 503 })
    expect(await free.call('GET', '/api/checkout/verify?session_id=cs_1', { cookie })).toMatchObject({ status: 503 })
    expect((await free.call('GET', '/api/billing', { key })).body).toMatchObject({ currentPlan: 'network', subscriptionStatus: 'active' })
  })
})

const creditsOf = async (key: string): Promise<number> => (await server.call('GET', '/api/credits', { key })).body.credits

const verify = (id: string, cookie: string) => server.call('GET', `/api/checkout/verify?session_id=${id}`, { cookie })
