import { Receipt } from 'mppx'
import { Mppx, tempo } from 'mppx/client'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { PrivateKeyAccount } from 'viem/accounts'
import { operations } from '../../../server/operations.ts'
import { expectContract } from '../../contract/contract.ts'
import { callGraphql } from '../../contract/graphql-transport.ts'
import { callTrpc } from '../../contract/trpc-transport.ts'
import { startTempoChain, type TempoChain } from '../../helpers/tempo-chain.ts'
import { startTestServer, type Answer, type Caller, type TestServer } from '../../helpers/test-server.ts'

const question = { plugin: 'generate-text', messages: [{ role: 'user', content: 'help' }] }
const PRICE = 10_000n

let chain: TempoChain
let server: TestServer
beforeAll(async () => {
  chain = await startTempoChain()
  server = await startTestServer({ ...chain.variables(), OPENAI_COMPATIBLE_BASE_URL: 'http://127.0.0.1:1/v1' })
})
afterAll(async () => {
  await server.close()
  await chain.close()
})

let before: bigint
beforeEach(async () => void (before = await chain.balanceOf(chain.recipient)))

/** What this test took, in millionths of a dollar. */
const taken = async (): Promise<bigint> => (await chain.balanceOf(chain.recipient)) - before

const call = (body: object, headers: Record<string, string> = {}, caller: Caller = {}) =>
  server.call('POST', '/api/v1/gateway', { body, headers, ...caller })

const clientOf = (account: PrivateKeyAccount) =>
  Mppx.create({ polyfill: false, methods: [tempo.charge({ account, getClient: () => chain.client })] })

/** A credential of the documented form that answers a refused call. */
async function answerTo({ body }: Answer): Promise<{ scheme: 'Payment'; transaction: string; challengeNonce: string }> {
  const { recipient, amount, nonce } = body.mpp
  const payer = await chain.createPayer()
  const transaction = await chain.sign(payer, { to: recipient, amount: BigInt(Math.round(Number(amount) * 1_000_000)) })
  return { scheme: 'Payment', transaction, challengeNonce: nonce }
}

const newCredential = async (): Promise<string> => `Payment ${JSON.stringify(await answerTo(await call(question, mpp)))}`
const mpp = { 'x-payment-method': 'mpp' }

describe("the protocol's own client", () => {
  test('pays for a call by itself', async () => {
    const { fetch } = clientOf(await chain.createPayer())
    const answer = await fetch(`${server.url}/api/v1/gateway`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(question),
    })
    const { payment } = await answer.json()
    expect(answer.status).toBe(200)
    expect(Receipt.fromResponse(answer)).toMatchObject({ reference: payment.receipt, status: 'success' })
    expect(await chain.client.getTransactionReceipt({ hash: payment.receipt })).toMatchObject({ status: 'success' })
    expect(await taken()).toBe(PRICE)
  })

  test('pays for an answer that comes bit by bit', async () => {
    const { fetch } = clientOf(await chain.createPayer())
    const answer = await fetch(`${server.url}/api/v1/gateway`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
      body: JSON.stringify(question),
    })
    expect(answer.headers.get('content-type')).toContain('text/event-stream')
    expect(await answer.text()).toContain('[DONE]')
    expect(await taken()).toBe(PRICE)
  })
})

describe('a credential of the documented form', () => {
  test('pays for a call, and the receipt is the hash of the transaction', async () => {
    const refused = await call(question, mpp)
    expect(refused.status).toBe(402)
    const authorization = `Payment ${JSON.stringify(await answerTo(refused))}`
    const answer = await call(question, { authorization })
    expectContract('routeGatewayRequest', answer)
    expect(answer).toMatchObject({ status: 200, body: { payment: { method: 'mpp' } } })
    const { receipt } = answer.body.payment
    expect(answer.headers.get('payment-receipt')).toBe(receipt)
    expect(await chain.client.getTransactionReceipt({ hash: receipt })).toMatchObject({ status: 'success' })
    expect(await taken()).toBe(PRICE)
  })

  test('pays once, and whoever uses it again is told why not and what to pay', async () => {
    const authorization = await newCredential()
    const answers = await Promise.all([1, 2, 3, 4, 5].map(() => call(question, { authorization })))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 402, 402, 402, 402])
    const again = await call(question, { authorization })
    expectContract('routeGatewayRequest', again)
    expect(again).toMatchObject({
      status: 402,
      body: { error: 'payment_required', message: expect.stringContaining('used before'), mpp: { amount: '0.01' } },
    })
    expect(again.headers.get('www-authenticate')).toContain(`id="${again.body.mpp.nonce}"`)
    expect(await taken()).toBe(PRICE)
  })

  test('for one plugin does not pay for another', async () => {
    const authorization = await newCredential()
    const answer = await call({ ...question, plugin: 'agent' }, { authorization })
    expect(answer).toMatchObject({ status: 402, body: { message: expect.stringContaining('challengeNonce is no open challenge') } })
    expect(await taken()).toBe(0n)
  })

  test('pays through every transport', async () => {
    for (const callTransport of [callTrpc, callGraphql]) {
      const paymentCredential = JSON.stringify(await answerTo(await call(question, mpp)))
      const outcome = await callTransport(server, operations.gateway.route, { ...question, paymentCredential }, {})
      expect(outcome).toMatchObject({ status: 200, text: expect.stringMatching(/"receipt":"0x[0-9a-f]{64}"/) })
    }
    expect(await taken()).toBe(2n * PRICE)
  })
})

describe('nothing is taken', () => {
  test('when the plugin fails, and the same credential pays for the next call', async () => {
    const authorization = await newCredential()
    const failed = await call({ ...question, model: 'compatible/none' }, { authorization })
    expect(failed.status).toBe(502)
    expect(await taken()).toBe(0n)
    expect((await call(question, { authorization })).status).toBe(200)
    expect(await taken()).toBe(PRICE)
  })

  test('when the request itself is wrong', async () => {
    const authorization = await newCredential()
    expect((await call({ ...question, messages: [] }, { authorization })).status).toBe(400)
    expect(await taken()).toBe(0n)
    expect((await call(question, { authorization })).status).toBe(200)
  })
})

test('an account that pays while signed in sees its payment, and nobody else does', async () => {
  const [account, other] = [await server.createAccount(), await server.createAccount()]
  expect((await call(question, { authorization: await newCredential() }, { cookie: account.cookie })).status).toBe(200)
  const paymentsOf = (id: string) =>
    server.platform.databases.forAccount(id).selectFrom('chainPayments').select(['plugin', 'amountMicroUsd', 'state']).execute()
  expect(await paymentsOf(account.id)).toEqual([{ plugin: 'generate-text', amountMicroUsd: Number(PRICE), state: 'confirmed' }])
  expect(await paymentsOf(other.id)).toEqual([])
})
