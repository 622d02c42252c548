import { Header } from 'mppx/x402'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { operations } from '../../../server/operations.ts'
import { readEnv } from '../../../server/platform/core/env.ts'
import { expectContract } from '../../contract/contract.ts'
import { callGraphql } from '../../contract/graphql-transport.ts'
import { callTrpc } from '../../contract/trpc-transport.ts'
import { alter, PRICE, receiptOf, startX402Server, type X402Server } from '../../helpers/x402-server.ts'

const PLUGIN = 'sounding'

let shop: X402Server
beforeAll(async () => {
  const mpp = { TEMPO_RPC_URL: 'http://127.0.0.1:9', TEMPO_TESTNET: 'on', MPP_RECIPIENT: '0x52908400098527886E0F7030069857D2E4169EE7' }
  shop = await startX402Server(PLUGIN, mpp)
})
afterAll(() => shop.close())
beforeEach(() => shop.reset())

const nothing = { chain: 0, booked: 0 }
const once = { chain: PRICE, booked: PRICE }
const payments = () => shop.server.platform.databases.system.selectFrom('chainPayments').selectAll().execute()
const pay = (signature: string, headers: Record<string, string> = {}, caller = {}) =>
  shop.call({ 'payment-signature': signature, ...headers }, caller)

describe('a call that is not paid', () => {
  test('is told what to pay by either protocol, in one answer', async () => {
    const answer = await shop.call()
    expect(answer.status).toBe(402)
    expect(answer.headers.get('www-authenticate')).toMatch(/^Payment amount="0\.04", .*method="tempo"/)
    const offer = Header.decodePaymentRequired(answer.headers.get('payment-required')!)
    expect(offer).toMatchObject({
      x402Version: 2,
      resource: { url: 'http://localhost:3000/api/v1/gateway' },
      accepts: [
        {
          scheme: 'exact',
          network: 'eip155:84532',
          asset: '0x036CbD53842c5426634e7929541eC2318f3dCF7e',
          amount: String(PRICE),
          payTo: shop.recipient,
          extra: { name: 'USDC', version: '2' },
        },
      ],
    })
    expect(answer.body).toMatchObject({ error: 'payment_required', mpp: { amount: '0.04' }, x402: offer, stripe: { amount: '0.04' } })
    expectContract('routeGatewayRequest', answer)
    expect(await payments()).toEqual([])
  })

  test('that was to be paid by x402 on a server that takes none is told so', async () => {
    const { platform } = shop.server
    Object.assign(platform.env, { X402_RECIPIENT: undefined })
    const answer = await shop.call({ 'x-payment-method': 'x402' })
    Object.assign(platform.env, { X402_RECIPIENT: shop.recipient })
    expect(answer).toMatchObject({ status: 402, body: { message: expect.stringContaining('takes no x402 payments') } })
    expect(answer.headers.has('payment-required')).toBe(false)
  })
})

describe("the protocol's own client", () => {
  const buy = async (headers: Record<string, string> = {}) => {
    const { fetch } = shop.clientOf(await shop.createPayer())
    return fetch(`${shop.server.url}/api/v1/gateway`, { method: 'POST', headers: { 'x-plugin-id': PLUGIN, ...headers } })
  }

  test('pays for a call by itself, and gets its receipt', async () => {
    const answer = await buy()
    const { message, payment } = await answer.json()
    expect(answer.status).toBe(200)
    expect({ message, method: payment.method }).toEqual({ message: 'Nine metres.', method: 'x402' })
    expect(receiptOf(answer)).toMatchObject({ success: true, transaction: payment.receipt, network: 'eip155:84532' })
    expect(await shop.chain.client.getTransactionReceipt({ hash: payment.receipt })).toMatchObject({ status: 'success' })
    expect(shop.facilitator.asked).toEqual(['verify', 'settle'])
    expect(await shop.taken()).toEqual(once)
  })

  test('pays for an answer that comes bit by bit', async () => {
    const answer = await buy({ accept: 'text/event-stream' })
    expect(await answer.text()).toContain('[DONE]')
    expect(receiptOf(answer).transaction).toBe(shop.facilitator.last)
    expect(await shop.taken()).toEqual(once)
  })
})

describe('a payment', () => {
  test('pays for one call; whoever sends it again gets the same receipt, and pays nothing', async () => {
    const signature = await shop.sign()
    const first = await pay(signature)
    expect(first.status).toBe(200)
    for (const again of [await pay(signature), await pay(signature)]) {
      expect(again).toMatchObject({ status: 402, body: { message: expect.stringContaining('used before') } })
      expect(receiptOf(again)).toEqual(receiptOf(first))
      expect(again.body.message).toContain(first.body.payment.receipt)
    }
    expect(shop.worked).toBe(1)
    expect(await shop.taken()).toEqual(once)
  })

  test('sent twenty times at once pays for one call, and is charged once', async () => {
    const signature = await shop.sign()
    const answers = await Promise.all(Array.from({ length: 20 }, () => pay(signature)))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(answers.filter(({ status }) => status === 402)).toHaveLength(19)
    expect(shop.worked).toBe(1)
    expect(shop.facilitator.asked).toEqual(['verify', 'settle'])
    expect(await shop.taken()).toEqual(once)
  })

  test.each(['verify', 'settle'])('sent again while a slow facilitator is asked to %s is refused, and charged once', async (slow) => {
    const signature = await shop.sign()
    let again: Awaited<ReturnType<typeof pay>> | undefined
    shop.facilitator.beforeAnswer = async (path) => {
      if (path === slow) again ??= await pay(signature)
    }
    expect((await pay(signature)).status).toBe(200)
    expect(again).toMatchObject({ status: 402, body: { message: expect.stringContaining('used by another call right now') } })
    expect(shop.facilitator.asked).toEqual(['verify', 'settle'])
    expect(await shop.taken()).toEqual(once)
  })

  test('with an Idempotency-Key gets the same answer again', async () => {
    const { cookie } = await shop.server.createAccount()
    const signature = await shop.sign()
    const headers = { 'idempotency-key': 'sounding-1' }
    const first = await pay(signature, headers, { cookie })
    const again = await pay(signature, headers, { cookie })
    expect(first.status).toBe(200)
    expect(again).toMatchObject({ status: 200, body: first.body })
    expect(again.headers.get('payment-receipt')).toBe(first.headers.get('payment-receipt'))
    expect(await shop.taken()).toEqual(once)
  })

  test('pays through every transport', async () => {
    for (const callTransport of [callTrpc, callGraphql]) {
      const input = { plugin: PLUGIN, paymentSignature: await shop.sign() }
      const outcome = await callTransport(shop.server, operations.gateway.route, input, {})
      expect(outcome).toMatchObject({ status: 200, text: expect.stringMatching(/"receipt":"0x[0-9a-f]{64}"/) })
    }
    expect(await shop.taken()).toEqual({ chain: 2 * PRICE, booked: 2 * PRICE })
  })

  test('is among the calls and the payments of who made it', async () => {
    const { id, cookie } = await shop.server.createAccount()
    const { body } = await pay(await shop.sign(), {}, { cookie })
    const { calls } = (await shop.server.call('GET', '/api/v1/gateway/calls', { cookie })).body
    expect(calls).toMatchObject([{ plugin: PLUGIN, payment: body.payment, priceUsd: '0.04', isCharged: true, outcome: 'answered' }])
    const own = await shop.server.platform.databases
      .forAccount(id)
      .selectFrom('chainPayments')
      .select(['method', 'txHash', 'state'])
      .execute()
    expect(own).toEqual([{ method: 'x402', txHash: body.payment.receipt, state: 'confirmed' }])
  })
})

describe('nothing is taken, and nobody is asked, for a payment', () => {
  const now = () => Math.floor(Date.now() / 1000)
  const other = '0x1111111111111111111111111111111111111111'
  type Change = Parameters<typeof alter>[1]
  const accepting =
    (part: object): Change =>
    (payment) => ({ ...payment, accepted: { ...payment.accepted, ...part } })
  const signing =
    (part: object): Change =>
    (payment) => {
      const { authorization } = payment.payload
      return { ...payment, payload: { ...payment.payload, authorization: { ...authorization, ...part } } }
    }

  test.each<[string, Change, string]>([
    ['of another amount', accepting({ amount: '1' }), 'for another amount; the call costs 40000 units'],
    ['in another token', accepting({ asset: other }), 'for another asset'],
    ['to another address', accepting({ payTo: other }), 'for another payTo'],
    ['on another network', accepting({ network: 'eip155:8453' }), 'for another network; here it is eip155:84532'],
    ['with another time', accepting({ maxTimeoutSeconds: 5 }), 'for another maxTimeoutSeconds'],
    ['in a token of another name', accepting({ extra: { name: 'USD Coin', version: '2' } }), 'for another name or version of the token'],
    ['for something else', (payment) => ({ ...payment, resource: { url: 'https://example.org/' } }), 'for another resource'],
    ['whose authorization is for less', signing({ value: '39999' }), 'for another value'],
    ['whose authorization is for somebody else', signing({ to: other }), 'for another recipient (to)'],
    ['that has expired', (payment) => signing({ validBefore: String(now() - 1) })(payment), 'has expired (validBefore)'],
    ['that is about to expire', (payment) => signing({ validBefore: String(now() + 10) })(payment), 'has to stay valid for 30 seconds'],
    ['that is not valid yet', (payment) => signing({ validAfter: String(now() + 60) })(payment), 'not valid yet (validAfter)'],
    ['of version 1', (payment) => ({ ...payment, x402Version: 1 }), 'x402Version has to be 2'],
    ['by permit2', (payment) => ({ ...payment, payload: { permit2Authorization: {}, signature: '0x00' } }), 'pays by permit2'],
    ['without a nonce', signing({ nonce: undefined }), 'payload.authorization.nonce'],
    ['without a price', accepting({ amount: undefined }), 'accepted.amount'],
  ])('%s', async (_what, change, message) => {
    const answer = await pay(alter(await shop.sign(), change))
    expect(answer).toMatchObject({ status: 402, body: { error: 'payment_required', message: expect.stringContaining(message) } })
    expect(Header.decodePaymentRequired(answer.headers.get('payment-required')!).error).toContain(message)
    expect({ worked: shop.worked, asked: shop.facilitator.asked }).toEqual({ worked: 0, asked: [] })
    expect(await shop.taken()).toEqual(nothing)
  })

  test.each(['no base64!', Buffer.from('no json').toString('base64'), 'x'.repeat(20_000)])(
    'that cannot be read (%#)',
    async (signature) => {
      expect(await pay(signature.slice(0, 12_000))).toMatchObject({
        status: 402,
        body: { message: expect.stringMatching(/cannot be read/) },
      })
    },
  )
})

describe('what only a facilitator can tell', () => {
  test('is asked before the work: a forged signature pays for nothing', async () => {
    const forged = alter(await shop.sign(), (payment) => ({
      ...payment,
      payload: { ...payment.payload, signature: `0x${'11'.repeat(64)}1b` },
    }))
    const before = await payments()
    expect(await pay(forged)).toMatchObject({
      status: 402,
      body: { message: expect.stringContaining('invalid_exact_evm_payload_signature') },
    })
    expect(shop.worked).toBe(0)
    expect(await payments()).toEqual(before)
  })

  test('so does a payer without money', async () => {
    const answer = await pay(await shop.sign(await shop.createPayer(0n)))
    expect(answer).toMatchObject({ status: 402, body: { message: expect.stringContaining('insufficient_balance') } })
    expect({ worked: shop.worked, taken: await shop.taken() }).toEqual({ worked: 0, taken: nothing })
  })
})

test('a facilitator of Coinbase is shown the key of the server', async () => {
  const { platform } = shop.server
  const { CDP_API_KEY_ID, CDP_API_KEY_SECRET, CDP_BASE_URL } = platform.env
  const variables = shop.facilitator.askForKey()
  expect(await pay(await shop.sign())).toMatchObject({ status: 503, body: { code: 'FACILITATOR_UNAVAILABLE' } })
  Object.assign(platform.env, variables)
  expect((await pay(await shop.sign())).status).toBe(200)
  Object.assign(platform.env, { CDP_API_KEY_ID, CDP_API_KEY_SECRET, CDP_BASE_URL })
  expect(await shop.taken()).toEqual(once)
})

test('a server is not started with a part of what x402 needs', () => {
  const whole = {
    X402_FACILITATOR_URL: 'https://facilitator.example/',
    X402_RECIPIENT: shop.recipient,
    BASE_SEPOLIA_RPC_URL: 'https://base.example',
  }
  expect(readEnv(whole).X402_FACILITATOR_URL).toBe('https://facilitator.example')
  const without = (name: string) => () => readEnv(Object.fromEntries(Object.entries(whole).filter(([other]) => other !== name)))
  expect(without('X402_FACILITATOR_URL')).toThrow('X402_FACILITATOR_URL: required with X402_RECIPIENT')
  expect(without('X402_RECIPIENT')).toThrow('X402_RECIPIENT: required with X402_FACILITATOR_URL')
  expect(without('BASE_SEPOLIA_RPC_URL')).toThrow('BASE_RPC_URL: required with X402_RECIPIENT')
  expect(() => readEnv({ ...whole, BASE_RPC_URL: 'https://base.example' })).toThrow('DATABASE_URL: required to be paid on Base')
})
