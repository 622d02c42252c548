import { afterAll, beforeAll, expect, test } from 'vitest'
import { FakeStripe } from '../../fakes/stripe/fake-stripe.ts'
import { startTestServer, type TestAccount, type TestServer } from '../../helpers/test-server.ts'

let stripe: FakeStripe
let server: TestServer
let creditPrice: string
let poundPrice: string
beforeAll(async () => {
  stripe = await FakeStripe.start()
  creditPrice = stripe.addPrice(2000)
  poundPrice = stripe.addPrice(2000, { currency: 'gbp' })
  server = await startTestServer({
    ...stripe.env,
    ADMIN_EMAILS: 'boss@example.org',
    STRIPE_CREDIT_PRICES: [creditPrice, poundPrice].join(','),
  })
})
afterAll(async () => {
  await server.close()
  await stripe.close()
})

const follow = async (path: string, { cookie }: Partial<TestAccount> = {}) => {
  const response = await fetch(server.url + path, { redirect: 'manual', headers: cookie ? { cookie } : {} })
  expect(response.status).toBe(303)
  return response.headers.get('location')!
}

const deliver = () => stripe.deliveries.deliver(`${server.url}/api/webhooks/stripe`)

test('a plan is paid for at Stripe, and is on once its event has arrived', async () => {
  const account = await server.createAccount()
  const url = await follow('/api/stripe/checkout?plan=LABEL', account)
  const session = stripe.pay(url)
  expect(session.metadata).toEqual({ plan: 'label', userId: account.id })
  expect(session.success_url).toContain('/checkout/success?session_id={CHECKOUT_SESSION_ID}&plan=label')
  expect(await deliver()).toEqual(expect.arrayContaining([200]))
  const { body } = await server.call('POST', '/api/keys/validate', { body: { apiKey: account.key } })
  expect(body).toMatchObject({ plan: 'label', subscriptionStatus: 'trialing' })
})
