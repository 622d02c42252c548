import Stripe from 'stripe'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { FakeStripe } from '../../fakes/stripe/fake-stripe.ts'
import { sdkVersion } from '../../fakes/stripe/parameter-tree.ts'
import tree from '../../fakes/stripe/parameters.json' with { type: 'json' }

let fake: FakeStripe
let stripe: Stripe
beforeAll(async () => {
  fake = await FakeStripe.start()
  const { hostname: host, port } = new URL(fake.url)
  stripe = new Stripe(fake.env.STRIPE_SECRET_KEY!, { host, port, protocol: 'http', maxNetworkRetries: 0, telemetry: false })
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
    const { hostname: host, port } = new URL(fake.url)
    const other = new Stripe('sk_test_other', { host, port, protocol: 'http' })
    await expect(other.customers.create({})).rejects.toMatchObject({ type: 'StripeAuthenticationError' })
  })
})
