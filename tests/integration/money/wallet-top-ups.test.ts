import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { sweepStripe } from '../../../server/money/stripe-webhooks/index.ts'
import { reserveCredits, settleHold } from '../../../server/money/billing/index.ts'
import { checkLedger } from '../../../server/money/billing/ledger-check.service.ts'
import type { AccountId } from '../../../server/platform/core/context.ts'
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

describe('a top-up whose payment goes back after a part of it was spent', () => {
  const spend = async (microUsd: number) =>
    settleHold(server.platform, await reserveCredits(server.platform, owner.id as AccountId, microUsd, 'spent'), microUsd)
  const chargeOf = ({ payment_intent: payment }: Awaited<ReturnType<typeof pay>>) => server.stripe.payments.chargeOf(payment)
  const seen = async () => (await server.call('GET', '/api/credits', { key: owner.key })).body
  const problems = async () => (await checkLedger(server.platform.databases.system)).problems

  test('takes what is left, and the rest of the next one', async () => {
    const charge = chargeOf(await pay(2500))
    await deliver()
    await spend(18_000_000)
    server.stripe.payments.refund(charge, 1000)
    await deliver({ times: 2 })
    expect(await seen()).toMatchObject({ credits: 0, owedCredits: 3 })
    await pay(1000)
    await deliver({ times: 2 })
    expect(await seen()).toMatchObject({ credits: 7, owedCredits: 0 })
    expect(await problems()).toEqual([])
  })

  test('is paid for by credits that are bought otherwise, and the other way round', async () => {
    const buy = async () => {
      const { body } = await server.call('POST', '/api/billing', { cookie: owner.cookie, body: { action: 'buy-credits', pack: '200' } })
      const session = server.stripe.pay(body.url)
      await server.deliver()
      return session
    }
    const charge = chargeOf(await pay(1000))
    await deliver()
    await spend(10_000_000)
    server.stripe.payments.refund(charge)
    await deliver()
    expect(await seen()).toMatchObject({ credits: 0, owedCredits: 10 })
    const bought = await buy()
    expect(await seen()).toMatchObject({ credits: 5, owedCredits: 0 })

    await spend(5_000_000)
    server.stripe.payments.refund(chargeOf(bought), 800)
    await deliver()
    expect(await seen()).toMatchObject({ credits: 0, owedCredits: 8 })
    await pay(1000)
    await deliver()
    expect(await seen()).toMatchObject({ credits: 2, owedCredits: 0 })
    expect(await problems()).toEqual([])
  })

  test('owes nothing any more when the dispute is won: what was collected comes back', async () => {
    const session = await pay(1000)
    await deliver()
    await spend(6_000_000)
    const dispute = server.stripe.payments.dispute(chargeOf(session))
    await deliver()
    expect(await seen()).toMatchObject({ credits: 0, owedCredits: 6 })
    await pay(500)
    await deliver()
    expect(await seen()).toMatchObject({ credits: 0, owedCredits: 1 })
    server.stripe.payments.closeDispute(dispute, 'won')
    await deliver({ times: 2 })
    // Of 15 dollars that were paid six are spent.
    expect(await seen()).toMatchObject({ credits: 9, owedCredits: 0 })
    expect(await problems()).toEqual([])
  })

  test('stays gone when the dispute is lost', async () => {
    const session = await pay(1000)
    await deliver()
    await spend(4_000_000)
    const dispute = server.stripe.payments.dispute(chargeOf(session))
    server.stripe.payments.closeDispute(dispute, 'lost')
    await deliver({ times: 2 })
    expect(await seen()).toMatchObject({ credits: 0, owedCredits: 4 })
    expect(await problems()).toEqual([])
  })
})
