import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { sweepStripe } from '../../../server/money/stripe-webhooks/index.ts'
import { anyAddress } from '../../helpers/base-chain.ts'
import { startStripeServer, type StripeServer } from '../../helpers/stripe-server.ts'
import type { TestAccount } from '../../helpers/test-server.ts'
import { cookieOf, signInWithWallet } from '../../helpers/wallets.ts'

let server: StripeServer
let owner: TestAccount
let address: string
beforeAll(async () => {
  server = await startStripeServer((stripe) => ({ STRIPE_TOPUP_WEBHOOK_SECRET: stripe.env.STRIPE_WEBHOOK_SECRET! }))
})
afterAll(() => server.close())
beforeEach(async () => {
  server.stripe.deliveries.drop()
  owner = await server.createAccount()
  address = (await server.call('POST', '/api/wallet', { key: owner.key, body: { action: 'create' } })).body.address
})

const start = async (query: string) => server.call('GET', `/api/wallet/top-up?${query}`)
const deliver = (options = {}) => server.stripe.deliveries.deliver(`${server.url}/api/wallet/top-up`, options)
const creditsOf = async ({ cookie }: { cookie: string }) => (await server.call('GET', '/api/credits', { cookie })).body.credits
const pay = async (amount = 1000) => server.stripe.pay((await start(`amount=${amount}&address=${address}`)).body.url)

test('a page of Stripe is made for a wallet that somebody here has, for one of four amounts', async () => {
  const { status, body } = await start(`address=${address}`)
  expect(status).toBe(200)
  expect(body).toEqual({ url: expect.stringMatching(/^https:\/\/checkout\.stripe\.com\//), sessionId: expect.stringMatching(/^cs_/) })
  expect(server.stripe.sessionAt(body.url)).toMatchObject({
    amount_total: 1000,
    currency: 'usd',
    metadata: { type: 'wallet_top_up', walletAddress: address, accountId: owner.id },
    success_url: expect.stringMatching(/\/dashboard\/wallet\?top_up=success$/),
    cancel_url: expect.stringMatching(/\/dashboard\/wallet\?top_up=cancelled$/),
  })
  for (const query of [
    '',
    'address=0x12',
    `amount=1&address=${address}`,
    `amount=-500&address=${address}`,
    `amount=NaN&address=${address}`,
  ])
    expect((await start(query)).status, query).toBe(400)
  expect(await start(`address=${anyAddress()}`)).toMatchObject({ status: 400, body: { code: 'UNKNOWN_WALLET' } })
})

describe('what was paid', () => {
  test('is credited once, however often the event arrives', async () => {
    await pay(2500)
    expect(await creditsOf(owner)).toBe(0)
    const statuses = await deliver({ times: 5, atOnce: true })
    expect(new Set(statuses)).toEqual(new Set([200]))
    expect(await creditsOf(owner)).toBe(25)
    await server.deliver({ times: 2 })
    expect(await creditsOf(owner)).toBe(25)
  })

  test('is credited though no event arrives', async () => {
    await pay()
    server.stripe.deliveries.drop()
    await server.platform.databases.system.deleteFrom('stripeSweeps').execute()
    await sweepStripe(server.platform)
    expect(await creditsOf(owner)).toBe(10)
  })

  test('for a wallet somebody signs in with is theirs', async () => {
    const signer = privateKeyToAccount(generatePrivateKey())
    const cookie = cookieOf(await signInWithWallet(server, signer))
    server.stripe.pay((await start(`amount=500&address=${signer.address}`)).body.url)
    await deliver()
    expect(await creditsOf({ cookie })).toBe(5)
  })
})

test('an event that Stripe has not signed is refused, and credits nothing', async () => {
  await pay()
  const payload = JSON.stringify(server.stripe.newest('checkout.session.completed'))
  for (const signature of ['', 't=1,v1=00', server.stripe.sign(`${payload} `)]) {
    const { status } = await server.call('POST', '/api/wallet/top-up', { body: payload, headers: { 'stripe-signature': signature } })
    expect(status).toBe(400)
  }
  expect(await creditsOf(owner)).toBe(0)
})
