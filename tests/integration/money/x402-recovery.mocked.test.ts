import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { findLedgerProblems } from '../../../server/money/billing/ledger-check.queries.ts'
import { reconcilePayments, releaseInterruptedPayments } from '../../../server/money/payments/reconciliation.service.ts'
import { refundUnusedPayments } from '../../../server/money/payments/refunds.service.ts'
import { authorizeX402 } from '../../../server/money/payments/x402.service.ts'
import { AppError } from '../../../server/platform/core/errors.ts'
import type { Context } from '../../../server/platform/core/context.ts'
import { failAfter, ServerDied } from '../../helpers/failing-server.ts'
import { bookOf } from '../../helpers/ledger.ts'
import { alter, PRICE, receiptOf, startX402Server, type X402Server } from '../../helpers/x402-server.ts'

const PLUGIN = 'dredging'

let shop: X402Server
beforeAll(async () => void (shop = await startX402Server(PLUGIN)))
afterAll(() => shop.close())
beforeEach(() => shop.reset())

const nothing = { chain: 0, booked: 0 }
const once = { chain: PRICE, booked: PRICE }
const system = () => shop.server.platform.databases.system
const pay = (signature: string, headers: Record<string, string> = {}, caller = {}) =>
  shop.call({ 'payment-signature': signature, ...headers }, caller)
const settled = () => shop.facilitator.asked.filter((path) => path === 'settle').length

const nonceOf = (signature: string): string => JSON.parse(Buffer.from(signature, 'base64').toString()).payload.authorization.nonce
const stateOf = (signature: string) =>
  system()
    .selectFrom('chainPayments')
    .where('challengeId', 'like', `%${nonceOf(signature)}`)
    .select(['state', 'spentAt', 'claimedBy', 'txHash'])
    .executeTakeFirst()

const boatCameBack = async () => {
  throw new AppError('upstream', 'DREDGING_FAILED', 'The boat came back.')
}

describe('while the facilitator does not answer', () => {
  test('no payment is accepted, and the same one pays afterwards', async () => {
    const signature = await shop.sign()
    shop.facilitator.troubles = ['down']
    expect(await pay(signature)).toMatchObject({
      status: 503,
      body: { error: 'unavailable', code: 'FACILITATOR_UNAVAILABLE', message: expect.stringContaining('Nothing was charged') },
    })
    expect(await stateOf(signature)).toBeUndefined()
    expect({ worked: shop.worked, taken: await shop.taken() }).toEqual({ worked: 0, taken: nothing })
    expect((await pay(signature)).status).toBe(200)
    expect(await shop.taken()).toEqual(once)
  })

  test('work that is done already is not handed over; the same payment gets it, and is charged once', async () => {
    const signature = await shop.sign()
    shop.facilitator.troubles = [undefined, 'down', 'down']
    expect(await pay(signature)).toMatchObject({
      status: 503,
      body: { code: 'PAYMENT_UNCONFIRMED', message: expect.stringContaining('Send the same credential again') },
    })
    expect(await stateOf(signature)).toMatchObject({ state: 'pending', claimedBy: null })
    await reconcilePayments(shop.server.platform)
    expect(await shop.taken()).toEqual(nothing)
    const answers = await Promise.all([1, 2, 3].map(() => pay(signature)))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 402, 402])
    expect(await shop.taken()).toEqual(once)
  })
})

describe('when the answer of a facilitator that has settled gets lost', () => {
  test('it is asked again, and the call is answered with the receipt of the one transaction', async () => {
    shop.facilitator.troubles = [undefined, 'lost']
    const answer = await pay(await shop.sign())
    expect(answer.status).toBe(200)
    expect(receiptOf(answer).transaction).toBe(shop.facilitator.last)
    expect(settled()).toBe(2)
    expect(await shop.taken()).toEqual(once)
  })

  /** A payment that was taken while its caller was told to come again. */
  async function payUnheard(caller = {}): Promise<string> {
    const signature = await shop.sign()
    shop.facilitator.troubles = [undefined, 'lost']
    shop.work = async () => {
      shop.chain.rpc.isDown = true
      return 'Nine metres.'
    }
    expect(await pay(signature, {}, caller)).toMatchObject({ status: 503, body: { code: 'PAYMENT_UNCONFIRMED' } })
    expect(await shop.taken()).toEqual({ chain: PRICE, booked: 0 })
    shop.chain.rpc.isDown = false
    shop.work = async () => 'Nine metres.'
    return signature
  }

  test('and the chain does not answer either, it is found later, booked once, and good for one call', async () => {
    const signature = await payUnheard()
    const { platform } = shop.server
    await Promise.all([reconcilePayments(platform), reconcilePayments(platform)])
    expect(await stateOf(signature)).toEqual({ state: 'confirmed', spentAt: null, claimedBy: null, txHash: shop.facilitator.last })
    const asked = settled()
    const answers = await Promise.all(Array.from({ length: 20 }, () => pay(signature)))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(receiptOf(answers.find(({ status }) => status === 200)!).transaction).toBe(shop.facilitator.last)
    expect(settled()).toBe(asked)
    expect(await shop.taken()).toEqual(once)
  })

  test('the next call with the payment finds it by itself', async () => {
    const signature = await payUnheard()
    const answer = await pay(signature)
    expect(receiptOf(answer).transaction).toBe(shop.facilitator.last)
    expect((await pay(signature)).status).toBe(402)
    expect(await shop.taken()).toEqual(once)
  })

  test('and nobody comes again, it goes to the balance of the account that made it', async () => {
    const { id, cookie } = await shop.server.createAccount()
    const signature = await payUnheard({ cookie })
    await reconcilePayments(shop.server.platform)
    await sql`update chain_payments set confirmed_at = now() - interval '25 hours' where tx_hash = ${shop.facilitator.last}`.execute(
      system(),
    )
    await refundUnusedPayments(shop.server.platform)
    expect(await bookOf(shop.server.platform, `credits:${id}`)).toBe(PRICE)
    expect(await pay(signature)).toMatchObject({ status: 402, body: { message: expect.stringContaining('gone to the balance') } })
  })
})

describe('a payment that is not settled', () => {
  test('since the payer has moved the money meanwhile gets nothing, and no call later', async () => {
    const payer = await shop.createPayer(BigInt(PRICE))
    const [signature, rival] = [await shop.sign(payer), await shop.sign(payer)]
    shop.work = async () => {
      shop.work = async () => 'Nine metres.'
      expect((await pay(rival)).status).toBe(200)
      return 'Nine metres.'
    }
    const outcome = await pay(signature)
    expect(outcome).toMatchObject({
      status: 402,
      body: { error: 'payment_required', message: expect.stringContaining('not settled: invalid_exact_evm_insufficient_balance') },
    })
    const calls = await system().selectFrom('gatewayCalls').select(['method', 'outcome', 'isPaid', 'receipt']).orderBy('id').execute()
    expect(calls.at(-1)).toEqual({ method: 'x402', outcome: 'failed', isPaid: false, receipt: null })
    expect(await stateOf(signature)).toMatchObject({ state: 'failed', claimedBy: null })
    expect(await pay(signature)).toMatchObject({ status: 402, body: { message: expect.stringContaining('Sign another one') } })
    expect(await shop.taken()).toEqual(once)
  })

  test('and whose authorization has lapsed is given up', async () => {
    const signature = await shop.sign()
    shop.facilitator.troubles = [undefined, 'down', 'down']
    await pay(signature)
    await reconcilePayments(shop.server.platform)
    expect(await stateOf(signature)).toMatchObject({ state: 'pending' })
    await system().updateTable('chainPayments').set({ lapsesAt: '2026-01-01T00:00:00Z' }).where('state', '=', 'pending').execute()
    await reconcilePayments(shop.server.platform)
    expect(await stateOf(signature)).toMatchObject({ state: 'failed' })
    expect(await shop.taken()).toEqual(nothing)
  })

  test('though the facilitator names a transaction, which has paid for another call, gets nothing', async () => {
    expect((await pay(await shop.sign())).status).toBe(200)
    shop.facilitator.troubles = [undefined, 'lies']
    const outcome = await pay(await shop.sign())
    expect(outcome).toMatchObject({ status: 402, body: { message: expect.stringContaining('paid for something else') } })
    expect(await shop.taken()).toEqual(once)
  })
})

describe('a call that fails', () => {
  test('is not settled, and the same payment pays for the next one', async () => {
    const signature = await shop.sign()
    shop.work = boatCameBack
    expect(await pay(signature)).toMatchObject({ status: 502, body: { code: 'DREDGING_FAILED' } })
    expect(shop.facilitator.asked).toEqual(['verify'])
    expect(await stateOf(signature)).toBeUndefined()
    shop.work = async () => 'Nine metres.'
    expect((await pay(signature)).status).toBe(200)
    expect(await shop.taken()).toEqual(once)
  })

  test('in the middle of its stream leaves the payment good for who has made it, and for nobody who reads it on the chain', async () => {
    const signature = await shop.sign()
    shop.work = boatCameBack
    const answer = await pay(signature, { accept: 'text/event-stream' })
    expect(answer.body).toContain(
      `"payment":{"method":"x402","receipt":"${shop.facilitator.last}","isCharged":false,"isConfirmed":true,"staysGood":true}`,
    )
    shop.work = async () => 'Nine metres.'
    const { asked } = shop.facilitator
    const copied = alter(signature, ({ extensions: _secret, ...payment }) => payment)
    expect(await pay(copied)).toMatchObject({
      status: 402,
      body: { message: expect.stringContaining('used by another PAYMENT-SIGNATURE') },
    })
    const again = await pay(signature)
    expect(again.status).toBe(200)
    expect(receiptOf(again).transaction).toBe(shop.facilitator.last)
    expect(shop.facilitator.asked).toEqual(asked)
    expect(await shop.taken()).toEqual(once)
  })
})

const context = (): Context => ({
  platform: shop.server.platform,
  requestId: 'req_test',
  startedAt: performance.now(),
  actor: { kind: 'anonymous' },
  isSafeMethod: false,
  db: shop.server.platform.databases.forAccount(null),
  log: shop.server.platform.log,
  signal: shop.server.platform.shutdown,
  ip: '127.0.0.1',
  userAgent: null,
  reply: { cookies: [], headers: {} },
})
const price = { plugin: PLUGIN, amountMicroUsd: PRICE, description: 'One dredging' }

test('work that takes longer than its authorization is valid is paid just before that', async () => {
  const signature = await shop.sign()
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  try {
    const payment = await authorizeX402(context(), price, signature)
    vi.advanceTimersByTime(270_000)
    expect(settled()).toBe(0)
    vi.advanceTimersByTime(10_000)
    vi.useRealTimers()
    expect(await payment.release()).toMatchObject({ isConfirmed: true, receipt: { reference: shop.facilitator.last } })
  } finally {
    vi.useRealTimers()
  }
  expect((await pay(signature)).status).toBe(200)
  expect(settled()).toBe(1)
  expect(await shop.taken()).toEqual(once)
})

test('whenever a server dies, the payment is taken and booked once, and pays for one call', async () => {
  const { platform } = shop.server
  let hasSurvived = false
  for (let statements = 0; !hasSurvived; statements++) {
    await shop.reset()
    const signature = await shop.sign()
    const outcome = await authorizeX402({ ...context(), platform: failAfter(platform, statements) }, price, signature)
      .then((payment) => payment.capture())
      .catch((error: unknown) => error)
    hasSurvived = !(outcome instanceof ServerDied)
    await releaseInterruptedPayments(platform)
    const wasUsedUp = typeof (await stateOf(signature))?.spentAt === 'string'
    const answers = [await pay(signature), await pay(signature)]
    expect(
      answers.map(({ status }) => status),
      `after ${statements} statements`,
    ).toEqual([wasUsedUp ? 402 : 200, 402])
    expect(await shop.taken(), `after ${statements} statements`).toEqual(once)
  }
})

test('whatever happened, the books are right', async () => {
  expect(await findLedgerProblems(system())).toEqual([])
})
