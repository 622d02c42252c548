import type Stripe from 'stripe'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { FakeStripe } from '../../fakes/stripe/fake-stripe.ts'
import { sdkVersion } from '../../fakes/stripe/parameter-tree.ts'
import tree from '../../fakes/stripe/parameters.json' with { type: 'json' }

let fake: FakeStripe
let stripe: Stripe
beforeAll(async () => {
  fake = await FakeStripe.start()
  stripe = fake.connect()
})
afterAll(() => fake.close())

test('its parameters are those of the SDK (node scripts/generate-stripe-parameters.ts)', () => expect(tree.sdk).toBe(sdkVersion()))

describe('a request', () => {
  const session = (parameters: object) =>
    stripe.checkout.sessions.create({
      mode: 'payment',
      success_url: 'https://example.org',
      line_items: [{ price_data: { currency: 'usd', unit_amount: 500, product_data: { name: 'x' } }, quantity: 1 }],
      ...parameters,
    } as Stripe.Checkout.SessionCreateParams)

  test.each([
    ['an unknown parameter', { metdata: { a: 'b' } }, 'Received unknown parameter: metdata'],
    ['an unknown one further in', { payment_intent_data: { trial: 'x' } }, 'Received unknown parameter: payment_intent_data[trial]'],
    ['a fraction for an amount', { line_items: [{ quantity: 1.5, price: 'price_1' }] }, 'Invalid integer: 1.5'],
    ['a price there is not', { line_items: [{ quantity: 1, price: 'price_1' }] }, "No such price: 'price_1'"],
    ['a word there is not', { mode: 'gift' }, /Invalid mode: must be one of/],
    ['no lines', { line_items: undefined }, /`line_items` is required/],
    ['what goes with another mode', { subscription_data: { metadata: {}, description: 'x' } }, /can not pass `subscription_data`/],
  ])('with %s is refused', async (_what, parameters, message) => {
    await expect(session(parameters)).rejects.toThrow(message)
  })

  test('is answered again for the same key, and refused for another request with it', async () => {
    const create = (email: string) => stripe.customers.create({ email }, { idempotencyKey: 'one' })
    const first = await create('a@example.org')
    expect((await create('a@example.org')).id).toBe(first.id)
    await expect(create('b@example.org')).rejects.toMatchObject({ type: 'StripeIdempotencyError' })
  })

  test('with another key of the API is refused', async () => {
    const other = fake.connect('sk_test_other')
    await expect(other.customers.create({})).rejects.toMatchObject({ type: 'StripeAuthenticationError' })
  })
})

describe('a test clock', () => {
  const DAY = 86_400
  const start = Date.parse('2026-01-31T12:00:00Z') / 1000
  const make = async () => {
    const clock = await stripe.testHelpers.testClocks.create({ frozen_time: start, name: 'one life' })
    const customer = await stripe.customers.create({ email: 'a@example.org', test_clock: clock.id })
    const price_data = { currency: 'gbp', unit_amount: 2900, recurring: { interval: 'month' as const }, product_data: { name: 'x' } }
    const { url } = await stripe.checkout.sessions.create({
      mode: 'subscription',
      customer: customer.id,
      success_url: 'https://example.org',
      line_items: [{ price_data, quantity: 1 }],
    })
    const { subscription } = fake.pay(url!)
    return { clock, customer, subscriptionId: subscription! }
  }
  const advance = (id: string, frozen_time: number) => stripe.testHelpers.testClocks.advance(id, { frozen_time })
  const retrieve = (id: string) => stripe.testHelpers.testClocks.retrieve(id)

  test('moves what was made in it, and nothing else', async () => {
    const [{ clock, customer, subscriptionId }, other] = [await make(), await make()]
    expect(await stripe.subscriptions.retrieve(subscriptionId)).toMatchObject({ test_clock: clock.id, created: start })
    expect(await advance(clock.id, start + 40 * DAY)).toMatchObject({ status: 'advancing' })
    await expect.poll(async () => (await retrieve(clock.id)).status, { interval: 1 }).toBe('ready')
    const endOf = async (id: string) => (await stripe.subscriptions.retrieve(id)).items.data[0]!.current_period_end
    expect(new Date((await endOf(subscriptionId)) * 1000).toISOString()).toBe('2026-03-28T12:00:00.000Z')
    expect(new Date((await endOf(other.subscriptionId)) * 1000).toISOString()).toBe('2026-02-28T12:00:00.000Z')
    expect((await stripe.invoices.list({ customer: customer.id })).data.map(({ status }) => status)).toEqual(['paid', 'paid'])
  })

  test('goes forward only, two months at a time, and takes three customers', async () => {
    const { clock } = await make()
    await expect(advance(clock.id, start)).rejects.toThrow(/has to be after/)
    await expect(advance(clock.id, start + 70 * DAY)).rejects.toThrow(/two intervals/)
    await expect(advance('clock_none', start + DAY)).rejects.toMatchObject({ code: 'resource_missing' })
    for (let i = 0; i < 2; i++) await stripe.customers.create({ test_clock: clock.id })
    await expect(stripe.customers.create({ test_clock: clock.id })).rejects.toThrow(/at most 3 customers/)
    await expect(stripe.customers.create({ test_clock: 'clock_none' })).rejects.toMatchObject({ code: 'resource_missing' })
  })
})
