import { Mppx, tempo } from 'mppx/client'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { definePlugin } from '../../../server/api/gateway/plugins/plugin.ts'
import { registerPlugin } from '../../../server/api/gateway/registry.ts'
import { releaseInterruptedHolds } from '../../../server/money/billing/ledger.service.ts'
import { releaseInterruptedVouchers } from '../../../server/money/payments/session-payment.service.ts'
import { voucherChainId } from '../../../server/money/payments/sessions.rules.ts'
import { AppError } from '../../../server/platform/core/errors.ts'
import { voucherHeaders, wallet } from '../../contract/wallet.ts'
import { bookOf, payIn } from '../../helpers/ledger.ts'
import { LONG_AGO, setAccount } from '../../helpers/set-account.ts'
import { startTempoChain, type TempoChain } from '../../helpers/tempo-chain.ts'
import { startTestServer, type TestServer } from '../../helpers/test-server.ts'

// One rule for every way to pay: an answer costs its price, and so does one whose reader left after its first piece; one that
// fails costs nothing, also after its first piece, and says so.

const PRICE = 20_000
const failure = new AppError('upstream', 'TALE_LOST', 'The tale was lost.')

/** What the plugin does after its first piece; it waits for it. */
let ending = Promise.withResolvers<'answer' | 'fail'>()
registerPlugin(
  definePlugin({
    id: 'tale',
    description: 'Tells a tale.',
    priceMicroUsd: PRICE,
    input: z.object({ failsAtOnce: z.boolean().optional() }),
    run: async () => ({ message: 'Once upon a time.' }),
    async *stream(ctx, { failsAtOnce }) {
      if (failsAtOnce) throw failure
      yield 'Once '
      const left = Promise.withResolvers<never>()
      ctx.signal.addEventListener('abort', () => left.reject(ctx.signal.reason as Error), { once: true })
      if ((await Promise.race([ending.promise, left.promise])) === 'fail') throw failure
      yield 'upon a time.'
      return { message: 'Once upon a time.' }
    },
  }),
)

let chain: TempoChain
let server: TestServer
beforeAll(async () => {
  chain = await startTempoChain()
  server = await startTestServer({ ...chain.variables(), STRIPE_SECRET_KEY: 'sk_test_unused' })
})
afterAll(async () => {
  await server.close()
  await chain.close()
})
beforeEach(() => void (ending = Promise.withResolvers()))

/** A caller that pays in one way, and what it has paid until now in millionths of a dollar. */
interface Payer {
  headers: Record<string, string>
  paid(): Promise<number>
}

async function creditsPayer(): Promise<Payer> {
  const { id, key } = await server.createAccount()
  await setAccount(server, id, { trialEndsAt: LONG_AGO })
  await payIn(server.platform, id, 1_000_000)
  return {
    headers: { authorization: `Bearer ${key}` },
    paid: async () => 1_000_000 - (await bookOf(server.platform, `credits:${id}`)),
  }
}

async function sessionPayer(): Promise<Payer> {
  const { id, key } = await server.createAccount()
  await payIn(server.platform, id, 1_000_000)
  const { body } = await server.call('POST', '/api/wallet/sessions', { key, body: { address: wallet.address, deposit: '1.00' } })
  const sessionId = body.session.id as string
  const session = () =>
    server.platform.databases.system
      .selectFrom('paymentSessions')
      .where('id', '=', sessionId)
      .select('spentMicroUsd')
      .executeTakeFirstOrThrow()
  return {
    headers: await voucherHeaders(sessionId, { plugin: 'tale', amountMicroUsd: PRICE }, voucherChainId(server.platform.env)),
    paid: async () => (await session()).spentMicroUsd,
  }
}

async function mppPayer(): Promise<Payer> {
  const account = await chain.createPayer()
  const client = Mppx.create({ polyfill: false, methods: [tempo.charge({ account, mode: 'pull', getClient: () => chain.client })] })
  const headers = { 'x-plugin-id': 'tale', 'x-payment-method': 'mpp' }
  const authorization = await client.createCredential(await fetch(`${server.url}/api/v1/gateway`, { method: 'POST', headers }))
  const spent = server.platform.databases.system.selectFrom('chainPayments').where('payer', '=', account.address.toLowerCase())
  return {
    headers: { authorization, 'x-payment-method': 'mpp' },
    paid: async () => (await spent.where('spentAt', 'is not', null).select('amountMicroUsd').executeTakeFirst())?.amountMicroUsd ?? 0,
  }
}

const payers = { credits: creditsPayer, session: sessionPayer, mpp: mppPayer }
const ways = Object.keys(payers) as (keyof typeof payers)[]

const call = (payer: Payer, { input = {}, signal }: { input?: object; signal?: AbortSignal } = {}) =>
  fetch(`${server.url}/api/v1/gateway`, {
    method: 'POST',
    headers: { accept: 'text/event-stream', 'content-type': 'application/json', ...payer.headers },
    body: JSON.stringify({ plugin: 'tale', ...input }),
    ...(signal ? { signal } : {}),
  })

const eventsOf = async (response: Response): Promise<Record<string, unknown>[]> =>
  (await response.text())
    .split('\n\n')
    .map((event) => event.replace(/^data: /, ''))
    .filter((data) => data !== '' && data !== '[DONE]')
    .map((data) => JSON.parse(data) as Record<string, unknown>)

const outcomes = async () =>
  (
    await server.platform.databases.system
      .selectFrom('gatewayCalls')
      .where('plugin', '=', 'tale')
      .orderBy('id', 'desc')
      .selectAll()
      .execute()
  ).map(({ outcome, isPaid }) => ({ outcome, isPaid }))

describe.each(ways)('a stream paid by %s', (way) => {
  test('costs its price when it is answered, with a receipt at its end', async () => {
    const payer = await payers[way]()
    ending.resolve('answer')
    const events = await eventsOf(await call(payer))
    expect(events.at(-1)).toMatchObject({
      message: 'Once upon a time.',
      payment: { receipt: way === 'credits' ? null : expect.any(String) },
    })
    expect(await payer.paid()).toBe(PRICE)
    expect((await outcomes())[0]).toEqual({ outcome: 'answered', isPaid: true })
  })

  test('costs nothing when it fails after its first piece, and says so', async () => {
    const payer = await payers[way]()
    ending.resolve('fail')
    const response = await call(payer)
    expect(response.status).toBe(200)
    const events = await eventsOf(response)
    expect(events[0]).toEqual({ text: 'Once ' })
    expect(events.at(-1)).toMatchObject({ code: 'TALE_LOST', payment: { isCharged: false } })
    expect(await payer.paid()).toBe(0)
    expect((await outcomes())[0]).toEqual({ outcome: 'failed', isPaid: false })
  })

  test('costs nothing when it fails before its first piece', async () => {
    const payer = await payers[way]()
    const response = await call(payer, { input: { failsAtOnce: true } })
    expect(response.status).toBe(502)
    expect(await response.json()).not.toHaveProperty('payment')
    expect(await payer.paid()).toBe(0)
  })

  test('costs its price when its reader leaves after the first piece', async () => {
    const payer = await payers[way]()
    const gone = new AbortController()
    const reader = (await call(payer, { signal: gone.signal })).body!.getReader()
    await reader.read()
    gone.abort()
    await expect.poll(() => payer.paid()).toBe(PRICE)
    await expect.poll(async () => (await outcomes())[0]).toEqual({ outcome: 'aborted', isPaid: true })
  })
})

describe('a stream whose server dies in the middle', () => {
  test.each(['credits', 'session'] as const)('costs nothing: what %s had set aside runs out', async (way) => {
    const payer = await payers[way]()
    const reader = (await call(payer)).body!.getReader()
    await reader.read()
    expect(await payer.paid()).toBe(PRICE)
    await Promise.all([releaseInterruptedHolds(server.platform), releaseInterruptedVouchers(server.platform)])
    expect(await payer.paid()).toBe(0)
    // This server lives after all, and its answer is paid once more.
    ending.resolve('answer')
    while (!(await reader.read()).done);
    expect(await payer.paid()).toBe(PRICE)
  })
})

test('a transaction that was sent for a stream that failed gets the answer without paying again', async () => {
  const payer = await payers.mpp()
  const before = await chain.balanceOf(chain.recipient)
  ending.resolve('fail')
  const [receipt] = [(await eventsOf(await call(payer))).at(-1)!.payment] as [{ receipt: string; staysGood: boolean; isConfirmed: boolean }]
  expect(receipt).toMatchObject({ staysGood: true, isConfirmed: true, receipt: expect.stringMatching(/^0x/) })
  ending = Promise.withResolvers()
  ending.resolve('answer')
  const answer = (await eventsOf(await call(payer))).at(-1)!
  expect(answer).toMatchObject({ payment: { method: 'mpp', receipt: receipt.receipt } })
  expect(await payer.paid()).toBe(PRICE)
  expect((await chain.balanceOf(chain.recipient)) - before).toBe(BigInt(PRICE))
  expect((await call(payer)).status).toBe(402)
})
