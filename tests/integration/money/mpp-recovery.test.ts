import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { sql } from 'kysely'
import { privateKeyToAccount } from 'viem/accounts'
import { chainPayment, recordIncome } from '../../../server/money/billing/ledger.service.ts'
import { authorizeMpp } from '../../../server/money/payments/mpp.service.ts'
import { reconcilePayments, releaseInterruptedPayments } from '../../../server/money/payments/reconciliation.service.ts'
import { failAfter, ServerDied } from '../../helpers/failing-server.ts'
import { price, startPaidServer, type PaidServer } from '../../helpers/paid-server.ts'

let shop: PaidServer
beforeAll(async () => void (shop = await startPaidServer()))
afterAll(() => shop.close())

beforeEach(() => shop.reset())

const nothing = { chain: 0, booked: 0 }
const once = { chain: 50_000, booked: 50_000 }
const elsewhere = privateKeyToAccount(`0x${'11'.repeat(32)}`).address

/** A new payer's credential of the documented form. */
const newCredential = async (overrides: Record<string, unknown> = {}): Promise<string> =>
  shop.documented(await shop.chain.createPayer(), await shop.challenge(), { overrides })

const system = () => shop.server.platform.databases.system
const stateOf = async (credential: string) => {
  const challengeId = JSON.parse(credential.slice('Payment '.length)).challengeNonce
  return system()
    .selectFrom('chainPayments')
    .where('challengeId', '=', challengeId)
    .select(['state', 'spentAt', 'claimedBy'])
    .executeTakeFirst()
}
const outcomeOf = async (answer: Response) => ({ status: answer.status, ...(await answer.json()) })
const sent = () => shop.rpc.asked.filter((method) => method === 'eth_sendRawTransaction').length

describe('while the chain does not answer', () => {
  test('no payment is accepted, and the call can be made again', async () => {
    const credential = await newCredential()
    shop.rpc.isDown = true
    expect(await outcomeOf(await shop.buy(credential))).toMatchObject({ status: 503, code: 'CHAIN_UNAVAILABLE' })
    expect(await stateOf(credential)).toBeUndefined()
    shop.rpc.isDown = false
    expect((await shop.buy(credential)).status).toBe(200)
    expect(await shop.taken()).toEqual(once)
  })

  test('a challenge is made all the same', async () => {
    shop.rpc.isDown = true
    expect((await shop.buy()).status).toBe(402)
  })

  test('work that is done already is not handed over; the next call pays, once', async () => {
    const credential = await newCredential()
    shop.work = async () => {
      shop.rpc.isDown = true
      return 'worked'
    }
    expect(await outcomeOf(await shop.buy(credential))).toMatchObject({ status: 503, code: 'PAYMENT_UNCONFIRMED' })
    expect(await stateOf(credential)).toMatchObject({ state: 'pending', claimedBy: null })
    shop.rpc.isDown = false
    expect(await shop.taken()).toEqual(nothing)
    shop.work = async () => 'worked'
    expect((await shop.buy(credential)).status).toBe(200)
    expect(await shop.taken()).toEqual(once)
  })
})

describe('when the answer to a payment that was sent gets lost', () => {
  /** A credential that was paid while its caller was told to come again. */
  async function payUnheard(): Promise<string> {
    const credential = await newCredential()
    shop.rpc.cutMethod = 'eth_sendRawTransaction'
    const outcome = await outcomeOf(await shop.buy(credential))
    expect(outcome).toMatchObject({ status: 503, code: 'PAYMENT_UNCONFIRMED', retryAfterSeconds: 5 })
    expect(outcome).not.toHaveProperty('answer')
    expect(await shop.taken()).toEqual({ chain: 50_000, booked: 0 })
    shop.rpc.cutMethod = undefined
    return credential
  }

  test('it is found later, and the next call with the credential gets its work without paying again', async () => {
    const credential = await payUnheard()
    await reconcilePayments(shop.server.platform)
    expect(await stateOf(credential)).toEqual({ state: 'confirmed', spentAt: null, claimedBy: null })
    expect(await shop.taken()).toEqual(once)
    const answers = await Promise.all([1, 2, 3].map(() => shop.buy(credential)))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 402, 402])
    expect({ worked: shop.worked, sent: sent() }).toEqual({ worked: 2, sent: 1 })
    expect(await shop.taken()).toEqual(once)
  })

  test('the next call finds it by itself', async () => {
    const credential = await payUnheard()
    expect((await shop.buy(credential)).status).toBe(200)
    expect(sent()).toBe(1)
    expect(await shop.taken()).toEqual(once)
    expect((await shop.buy(credential)).status).toBe(402)
  })

  test('it is booked once, however often it is looked up', async () => {
    await payUnheard()
    const { platform } = shop.server
    await Promise.all([reconcilePayments(platform), reconcilePayments(platform)])
    await reconcilePayments(platform)
    expect(await shop.taken()).toEqual(once)
  })
})

describe('a payment that was sent', () => {
  test('and fails on the chain gets nothing, and is refused from then on', async () => {
    const payer = await shop.chain.createPayer()
    const credential = await shop.documented(payer, await shop.challenge())
    shop.work = async () => {
      // The payer spends the money elsewhere while the work is being done.
      await shop.chain.transfer(payer, { to: elsewhere, amount: 4_970_000n, overrides: { nonceKey: 9n } })
      return 'worked'
    }
    const outcome = await outcomeOf(await shop.buy(credential))
    expect(outcome).toMatchObject({ status: 402, message: 'The transaction failed on the chain.' })
    expect(outcome).not.toHaveProperty('answer')
    expect(await stateOf(credential)).toMatchObject({ state: 'failed', claimedBy: null })
    expect(await outcomeOf(await shop.buy(credential))).toMatchObject({ status: 402, message: 'The transaction failed on the chain.' })
    expect(shop.worked).toBe(1)
    expect(await shop.taken()).toEqual(nothing)
  })

  test('and never got into a block is given up after its time', async () => {
    const credential = await newCredential()
    shop.work = async () => {
      shop.rpc.isDown = true
      return 'worked'
    }
    await shop.buy(credential)
    shop.rpc.isDown = false
    await reconcilePayments(shop.server.platform)
    expect(await stateOf(credential)).toMatchObject({ state: 'pending' })
    await system().updateTable('chainPayments').set({ lapsesAt: '2026-01-01T00:00:00Z' }).where('state', '=', 'pending').execute()
    await reconcilePayments(shop.server.platform)
    expect(await stateOf(credential)).toMatchObject({ state: 'failed' })
    expect(await outcomeOf(await shop.buy(credential))).toMatchObject({ status: 402, message: 'The chain did not take the transaction.' })
  })
})

describe('work that takes longer than its transaction is valid', () => {
  /** Begins a call whose transaction is valid for 25 seconds, and lets 20 of them pass. */
  async function workLong() {
    const credential = await newCredential({ nonceKey: 2n ** 256n - 1n, validBefore: Math.floor(Date.now() / 1000) + 25 })
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    try {
      const payment = await authorizeMpp(shop.context(), price, credential)
      vi.advanceTimersByTime(10_000)
      expect(sent()).toBe(0)
      vi.advanceTimersByTime(10_000)
      return { credential, payment }
    } finally {
      vi.useRealTimers()
    }
  }

  test('is paid just before it lapses', async () => {
    const { payment } = await workLong()
    expect(await payment.capture()).toMatchObject({ reference: expect.stringMatching(/^0x/) })
    expect(sent()).toBe(1)
    expect(await shop.taken()).toEqual(once)
  })

  test('and then fails leaves the payment good for another call', async () => {
    const { credential, payment } = await workLong()
    await payment.release()
    expect(await stateOf(credential)).toEqual({ state: 'confirmed', spentAt: null, claimedBy: null })
    expect((await shop.buy(credential)).status).toBe(200)
    expect(sent()).toBe(1)
    expect(await shop.taken()).toEqual(once)
  })
})

describe('a call that died', () => {
  test('blocks its payment for as long as its claim holds, and cannot use it afterwards', async () => {
    const credential = await newCredential()
    const dead = await authorizeMpp(shop.context(), price, credential)
    expect((await shop.buy(credential)).status).toBe(402)
    await system()
      .updateTable('chainPayments')
      .set({ claimExpiresAt: sql<string>`now()` })
      .where('state', '=', 'claimed')
      .execute()
    expect((await shop.buy(credential)).status).toBe(200)
    await expect(dead.capture()).rejects.toThrow('The payment was used before.')
    expect(await shop.taken()).toEqual(once)
  })

  test('does not block its payment once its server has started again', async () => {
    const credential = await newCredential()
    const dead = await authorizeMpp(shop.context(), price, credential)
    await releaseInterruptedPayments(shop.server.platform)
    expect((await shop.buy(credential)).status).toBe(200)
    await dead.release()
    expect(await shop.taken()).toEqual(once)
  })

  test('leaves nothing behind when nobody comes again', async () => {
    const credential = await newCredential()
    const dead = await authorizeMpp(shop.context(), price, credential)
    await reconcilePayments(shop.server.platform)
    expect(await stateOf(credential)).toMatchObject({ state: 'claimed' })
    await releaseInterruptedPayments(shop.server.platform)
    await reconcilePayments(shop.server.platform)
    expect(await stateOf(credential)).toBeUndefined()
    await dead.release()
  })
})

test('whenever a server dies, the payment is taken and booked once, and pays for one call', async () => {
  const { platform } = shop.server
  let hasSurvived = false
  for (let statements = 0; !hasSurvived; statements++) {
    await shop.reset()
    const credential = await newCredential()
    const context = { ...shop.context(), platform: failAfter(platform, statements) }
    const outcome = await authorizeMpp(context, price, credential)
      .then((payment) => payment.capture())
      .catch((error: unknown) => error)
    hasSurvived = !(outcome instanceof ServerDied)
    await releaseInterruptedPayments(platform)
    const wasUsedUp = typeof (await stateOf(credential))?.spentAt === 'string'
    const answers = [await shop.buy(credential), await shop.buy(credential)]
    expect(answers.map(({ status }) => status)).toEqual([wasUsedUp ? 402 : 200, 402])
    expect(await shop.taken(), `after ${statements} statements`).toEqual(once)
  }
})

test('a transfer that has paid for something else does not pay for a call', async () => {
  const credential = await shop.standard(await shop.chain.createPayer(), 'push')
  const { hash } = JSON.parse(Buffer.from(credential.slice('Payment '.length), 'base64url').toString()).payload
  const income = { ...chainPayment(42431, hash), amountMicroUsd: 50_000, reason: 'a deposit', accountId: null }
  await system()
    .transaction()
    .execute((db) => recordIncome(db, income))
  expect(await outcomeOf(await shop.buy(credential))).toMatchObject({
    status: 402,
    message: 'The transaction has paid for something else already.',
  })
  expect(shop.worked).toBe(0)
  expect(await shop.taken()).toEqual(once)
})

// Last, because it moves the clock of the chain.
test('a transaction the chain refuses gets nothing', async () => {
  const credential = await newCredential({ validBefore: Math.floor(Date.now() / 1000) + 25 })
  shop.work = async () => {
    await shop.chain.client.increaseTime({ seconds: 60 })
    await shop.chain.client.mine({ blocks: 1 })
    return 'worked'
  }
  const outcome = await outcomeOf(await shop.buy(credential))
  expect(outcome).toMatchObject({ status: 402, message: expect.stringMatching(/^The chain refused the transaction: .+\.$/) })
  expect(outcome).not.toHaveProperty('answer')
  expect(await stateOf(credential)).toMatchObject({ state: 'failed', claimedBy: null })
  expect(await shop.taken()).toEqual(nothing)
})
