import { Receipt } from 'mppx'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { later } from '../../helpers/clock.ts'
import { startPaidServer, type PaidServer } from '../../helpers/paid-server.ts'

let shop: PaidServer
beforeAll(async () => void (shop = await startPaidServer()))
afterAll(() => shop.close())

beforeEach(() => shop.reset())

describe('a call that is not paid', () => {
  test('is told what to pay in the body and in the header, in both forms, for the same challenge', async () => {
    const answer = await shop.buy()
    const { mpp } = await answer.json()
    expect(answer.status).toBe(402)
    expect(mpp).toEqual({
      scheme: 'Payment',
      amount: '0.05',
      currency: '0x20c0000000000000000000000000000000000000',
      recipient: shop.chain.recipient,
      description: 'One agent call',
      nonce: expect.stringMatching(/^[\w.-]{64,80}$/),
      expiresAt: expect.any(Number),
    })
    expect(mpp.expiresAt - Date.now()).toBeGreaterThan(280_000)
    expect(mpp.expiresAt - Date.now()).toBeLessThanOrEqual(300_000)
    const header = answer.headers.get('www-authenticate')!
    expect(header).toMatch(
      /^Payment amount="0\.05", currency="0x20c0{37}", recipient="0x[0-9a-fA-F]{40}", id="[^"]+", realm="localhost:3000", method="tempo", intent="charge", request="[\w-]+"/,
    )
    expect(header).toContain(`id="${mpp.nonce}"`)
    expect(header).toContain(`expires="${new Date(mpp.expiresAt).toISOString()}"`)
  })

  test('leaves nothing behind', async () => {
    await Promise.all([shop.buy(), shop.buy(), shop.buy()])
    expect(await shop.server.platform.databases.system.selectFrom('chainPayments').selectAll().execute()).toEqual([])
  })

  test('gets another challenge every time', async () => {
    const nonces = await Promise.all([1, 2, 3].map(async () => (await shop.challenge()).nonce))
    expect(new Set(nonces).size).toBe(3)
  })
})

describe("the protocol's own client", () => {
  test('pays by itself when it is asked to, and gets its own kind of receipt', async () => {
    const payer = await shop.chain.createPayer()
    const answer = await shop.clientOf(payer).fetch(shop.url, { method: 'POST' })
    expect(answer.status).toBe(200)
    const { reference } = await answer.json()
    expect(Receipt.fromResponse(answer)).toMatchObject({ method: 'tempo', reference, status: 'success' })
    expect((await shop.chain.client.getTransactionReceipt({ hash: reference })).status).toBe('success')
    expect(await shop.taken()).toEqual({ chain: 50_000, booked: 50_000 })
    expect(shop.worked).toBe(1)
  })

  test('can send the transaction itself and pay with its hash', async () => {
    const payer = await shop.chain.createPayer()
    const answer = await shop.clientOf(payer, 'push').fetch(shop.url, { method: 'POST' })
    expect(answer.status).toBe(200)
    const { reference } = await answer.json()
    expect(Receipt.fromResponse(answer).reference).toBe(reference)
    expect(await shop.taken()).toEqual({ chain: 50_000, booked: 50_000 })
  })
})

describe('a credential of the documented form', () => {
  test('pays, and the receipt is the hash of the transaction', async () => {
    const payer = await shop.chain.createPayer()
    const answer = await shop.buy(await shop.documented(payer, await shop.challenge()))
    expect(answer.status).toBe(200)
    const { reference } = await answer.json()
    expect(answer.headers.get('payment-receipt')).toBe(reference)
    expect(await shop.chain.client.getTransactionReceipt({ hash: reference })).toMatchObject({ status: 'success' })
    expect(await shop.taken()).toEqual({ chain: 50_000, booked: 50_000 })
  })

  test('pays with a transfer that has a memo too, and with an expiring nonce', async () => {
    const payer = await shop.chain.createPayer()
    const details = { memo: `0x${'ab'.repeat(32)}` as const, overrides: expiring(25) }
    const answer = await shop.buy(await shop.documented(payer, await shop.challenge(), details))
    expect(answer.status).toBe(200)
    expect(await shop.taken()).toEqual({ chain: 50_000, booked: 50_000 })
  })

  test.each([49_900n, 50_100n])('may be off by a hundredth of a cent: %s', async (amount) => {
    const payer = await shop.chain.createPayer()
    const answer = await shop.buy(await shop.documented(payer, await shop.challenge(), { amount }))
    expect(answer.status).toBe(200)
    expect(await shop.taken()).toEqual({ chain: Number(amount), booked: Number(amount) })
  })

  test('is written down with who paid, for what, and when', async () => {
    const payer = await shop.chain.createPayer()
    const challenge = await shop.challenge()
    const { reference } = await (await shop.buy(await shop.documented(payer, challenge))).json()
    const { system } = shop.server.platform.databases
    const row = await system.selectFrom('chainPayments').where('challengeId', '=', challenge.nonce).selectAll().executeTakeFirstOrThrow()
    expect(row).toMatchObject({
      accountId: null,
      txHash: reference,
      payer: payer.address.toLowerCase(),
      plugin: 'agent',
      amountMicroUsd: 50_000,
      chainId: 42431,
      state: 'confirmed',
      claimedBy: null,
    })
    expect(row.spentAt).not.toBeNull()
    const entries = await system.selectFrom('ledgerEntries').where('transactionId', '=', `chain:42431:${reference}`).selectAll().execute()
    expect(entries.map(({ bookId, amount }) => [bookId, amount]).sort()).toEqual([
      ['chain:42431', -50_000],
      ['revenue', 50_000],
    ])
  })
})

describe('a payment', () => {
  test.each([
    ['of the documented form', async () => shop.documented(await shop.chain.createPayer(), await shop.challenge())],
    ["of the protocol's own client", async () => shop.standard(await shop.chain.createPayer())],
    ['by hash', async () => shop.standard(await shop.chain.createPayer(), 'push')],
  ])('%s works once: of five at the same moment, and again afterwards', async (_form, makeCredential) => {
    const credential = await makeCredential()
    const statuses = (await Promise.all([1, 2, 3, 4, 5].map(() => shop.buy(credential)))).map(({ status }) => status)
    expect(statuses.sort()).toEqual([200, 402, 402, 402, 402])
    expect(shop.worked).toBe(1)
    expect(await shop.taken()).toMatchObject({ booked: 50_000 })
    const again = await shop.buy(credential)
    expect(again.status).toBe(402)
    expect((await again.json()).message).toMatch(/used before/)
    expect(shop.worked).toBe(1)
  })

  test('is not taken for work that failed, and is good for another try', async () => {
    const payer = await shop.chain.createPayer()
    const credential = await shop.documented(payer, await shop.challenge())
    shop.rpc.asked.length = 0
    shop.work = () => Promise.reject(new Error('the model is out'))
    expect((await shop.buy(credential)).status).toBe(500)
    expect(shop.rpc.asked).not.toContain('eth_sendRawTransaction')
    expect(await shop.taken()).toEqual({ chain: 0, booked: 0 })
    shop.work = async () => 'worked'
    expect((await shop.buy(credential)).status).toBe(200)
    expect(await shop.taken()).toEqual({ chain: 50_000, booked: 50_000 })
  })

  test('by hash that found work failing stays good, even when its challenge has expired meanwhile', async () => {
    const credential = await shop.standard(await shop.chain.createPayer(), 'push')
    shop.work = () => Promise.reject(new Error('the model is out'))
    expect((await shop.buy(credential)).status).toBe(500)
    shop.work = async () => 'worked'
    expect((await later(10 * 60, () => shop.buy(credential))).status).toBe(200)
    expect(await shop.taken()).toMatchObject({ booked: 50_000 })
  })

  test('cannot be used for another call while the work is being done', async () => {
    const credential = await shop.documented(await shop.chain.createPayer(), await shop.challenge())
    let meanwhile: Response | undefined
    shop.work = async () => {
      meanwhile = await shop.buy(credential)
      return 'worked'
    }
    expect((await shop.buy(credential)).status).toBe(200)
    expect(meanwhile!.status).toBe(402)
    expect((await meanwhile!.json()).message).toMatch(/another call right now/)
  })
})

test('a transaction does not answer two challenges, however it is written', async () => {
  const payer = await shop.chain.createPayer()
  const [one, other] = [await shop.challenge(), await shop.challenge()]
  const credential = await shop.documented(payer, one)
  const { transaction } = JSON.parse(credential.slice('Payment '.length))
  const otherwise = { scheme: 'Payment', transaction: `${transaction}00`.toUpperCase().replace('0X', '0x'), challengeNonce: other.nonce }
  let meanwhile: Response | undefined
  shop.work = async () => {
    meanwhile = await shop.buy(`Payment ${JSON.stringify(otherwise)}`)
    return 'worked'
  }
  expect((await shop.buy(credential)).status).toBe(200)
  expect(meanwhile!.status).toBe(402)
  expect((await meanwhile!.json()).message).toMatch(/used by another call, or was used before/)
  expect(await shop.taken()).toEqual({ chain: 50_000, booked: 50_000 })
})

/** An expiring nonce that is good for so many seconds. */
const expiring = (seconds: number) => ({ nonceKey: 2n ** 256n - 1n, validBefore: Math.floor(Date.now() / 1000) + seconds })
