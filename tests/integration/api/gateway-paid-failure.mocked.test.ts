import { Receipt } from 'mppx'
import { Mppx, tempo } from 'mppx/client'
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { z } from 'zod'
import { AppError } from '../../../server/platform/core/errors.ts'
import { definePlugin } from '../../../server/api/gateway/plugins/plugin.ts'
import { registerPlugin } from '../../../server/api/gateway/registry.ts'
import { refundUnusedPayments } from '../../../server/money/payments/refunds.service.ts'
import { bookOf } from '../../helpers/ledger.ts'
import { startTempoChain, type TempoChain } from '../../helpers/tempo-chain.ts'
import { startTestServer, type Caller, type TestServer } from '../../helpers/test-server.ts'

const PRICE = 30_000
let work: () => Promise<string>
let worked = 0
registerPlugin(
  definePlugin({
    id: 'survey',
    description: 'Takes its time.',
    priceMicroUsd: PRICE,
    input: z.object({}),
    run: async () => {
      worked++
      return { message: await work() }
    },
  }),
)

let chain: TempoChain
let server: TestServer
beforeAll(async () => {
  chain = await startTempoChain()
  server = await startTestServer(chain.variables())
})
afterAll(async () => {
  await server.close()
  await chain.close()
})

let before: bigint
beforeEach(async () => {
  worked = 0
  work = async () => 'surveyed'
  before = await chain.balanceOf(chain.recipient)
})
const taken = async (): Promise<number> => Number((await chain.balanceOf(chain.recipient)) - before)

const call = (headers: Record<string, string> = {}, caller: Caller = {}) =>
  server.call('POST', '/api/v1/gateway', { body: { plugin: 'survey' }, headers: { 'x-payment-method': 'mpp', ...headers }, ...caller })

/** The credential the protocol's own client makes; `push` has sent the transaction already. */
async function newCredential(mode: 'pull' | 'push' = 'pull'): Promise<string> {
  const account = await chain.createPayer()
  const client = Mppx.create({ polyfill: false, methods: [tempo.charge({ account, mode, getClient: () => chain.client })] })
  const headers = { 'x-plugin-id': 'survey', 'x-payment-method': 'mpp' }
  return client.createCredential(await fetch(`${server.url}/api/v1/gateway`, { method: 'POST', headers }))
}

/** Makes a call whose work goes on for longer than its transaction is valid, and then fails. */
async function failLate(authorization: string, caller: Caller = {}) {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  work = async () => {
    vi.advanceTimersByTime(20_000)
    vi.useRealTimers()
    throw new AppError('upstream', 'SURVEY_FAILED', 'The boat came back.')
  }
  try {
    return await call({ authorization }, caller)
  } finally {
    vi.useRealTimers()
    work = async () => 'surveyed'
  }
}

describe('a call that fails after it was paid', () => {
  test.each(['pull', 'push'] as const)('answers with the receipt, and its credential (%s) gets the work done, once', async (mode) => {
    const credential = await newCredential(mode)
    const failed = await failLate(credential)
    expect(failed).toMatchObject({
      status: 502,
      body: {
        error: 'upstream',
        code: 'SURVEY_FAILED',
        message: expect.stringMatching(
          /^The boat came back\. The payment 0x\w{64} was taken and stays good: send the same credential again/,
        ),
        payment: { method: 'mpp', receipt: expect.stringMatching(/^0x/), isConfirmed: true, staysGood: true },
      },
    })
    const receipt = Receipt.fromResponse(new Response(null, { headers: failed.headers }))
    expect(receipt).toMatchObject({ reference: failed.body.payment.receipt, status: 'success' })
    expect(await chain.client.getTransactionReceipt({ hash: receipt.reference as `0x${string}` })).toMatchObject({ status: 'success' })

    const again = await Promise.all(Array.from({ length: 20 }, () => call({ authorization: credential })))
    expect(again.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(again.filter(({ status }) => status === 402)).toHaveLength(19)
    expect(again.find(({ status }) => status === 200)!.body.payment.receipt).toBe(receipt.reference)
    expect((await call({ authorization: credential })).status).toBe(402)
    expect(worked).toBe(2)
    expect(await taken()).toBe(PRICE)
  })

  test('and again, answers with the same receipt each time', async () => {
    const authorization = await newCredential()
    const first = await failLate(authorization)
    work = async () => {
      throw new Error('nobody expected this')
    }
    const second = await call({ authorization })
    expect(second).toMatchObject({ status: 500, body: { payment: { receipt: first.body.payment.receipt, staysGood: true } } })
    expect(second.headers.has('payment-receipt')).toBe(true)
    work = async () => 'surveyed'
    expect((await call({ authorization })).status).toBe(200)
    expect(await taken()).toBe(PRICE)
  })

  test('shows no receipt when nothing was taken', async () => {
    work = async () => {
      throw new AppError('upstream', 'SURVEY_FAILED', 'The boat came back.')
    }
    const failed = await call({ authorization: await newCredential() })
    expect(failed).toMatchObject({ status: 502, body: { message: 'The boat came back.' } })
    expect(failed.body).not.toHaveProperty('payment')
    expect(failed.headers.has('payment-receipt')).toBe(false)
    expect(await taken()).toBe(0)
  })
})

describe('a payment nobody got anything for', () => {
  const letADayPass = (hash: string) =>
    sql`update chain_payments set confirmed_at = now() - interval '25 hours' where tx_hash = ${hash}`.execute(
      server.platform.databases.system,
    )
  const refund = () => Promise.all(Array.from({ length: 5 }, () => refundUnusedPayments(server.platform)))

  test('goes to the balance of the account that made it after a day, once, and is not good any more', async () => {
    const account = await server.createAccount()
    const authorization = await newCredential()
    const { receipt } = (await failLate(authorization, { cookie: account.cookie })).body.payment
    await refund()
    expect(await bookOf(server.platform, `credits:${account.id}`)).toBe(0)
    await letADayPass(receipt)
    await refund()
    await refund()
    expect(await bookOf(server.platform, `credits:${account.id}`)).toBe(PRICE)
    expect(await call({ authorization })).toMatchObject({ status: 402, body: { message: expect.stringContaining('gone to the balance') } })
    expect(await taken()).toBe(PRICE)
  })

  test('goes to it or to a call with its credential, never to both', async () => {
    const account = await server.createAccount()
    const authorization = await newCredential()
    const { receipt } = (await failLate(authorization, { cookie: account.cookie })).body.payment
    await letADayPass(receipt)
    const [answer] = await Promise.all([call({ authorization }), refund()])
    expect(await bookOf(server.platform, `credits:${account.id}`)).toBe(answer.status === 200 ? 0 : PRICE)
  })

  test('stays good for its credential when nobody was signed in', async () => {
    const authorization = await newCredential()
    const { receipt } = (await failLate(authorization)).body.payment
    await letADayPass(receipt)
    await refund()
    expect((await call({ authorization })).status).toBe(200)
  })
})
