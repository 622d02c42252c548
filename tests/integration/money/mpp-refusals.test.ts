import { Credential } from 'mppx'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Hex } from 'viem'
import { privateKeyToAccount, type PrivateKeyAccount } from 'viem/accounts'
import { Actions, Transaction } from 'viem/tempo'
import { authorizeMpp } from '../../../server/money/payments/mpp.service.ts'
import type { Price } from '../../../server/money/payments/payment.ts'
import { withEnv } from '../../contract/with-env.ts'
import { later } from '../../helpers/clock.ts'
import { alter, price, startPaidServer, type PaidServer } from '../../helpers/paid-server.ts'
import { alphaUsd, pathUsd } from '../../helpers/tempo-chain.ts'

let shop: PaidServer
let payer: PrivateKeyAccount
beforeAll(async () => void (shop = await startPaidServer()))
afterAll(() => shop.close())

beforeEach(async () => {
  payer = await shop.chain.createPayer()
  await shop.reset()
})

/** What is said against a credential. Nothing was taken or sent then, and nothing is left of it. */
const refusal = async (authorization: string, of: Price = price): Promise<string> => {
  const outcome = await authorizeMpp(shop.context(), of, authorization).catch((error: unknown) => error)
  expect(outcome).toMatchObject({ kind: 'payment_required', code: 'payment_required', message: expect.stringMatching(/\.$/) })
  expect(await shop.taken()).toEqual({ chain: 0, booked: 0 })
  expect(shop.rpc.asked).not.toContain('eth_sendRawTransaction')
  expect(await shop.server.platform.databases.system.selectFrom('chainPayments').selectAll().execute()).toEqual([])
  return (outcome as Error).message
}

const elsewhere = privateKeyToAccount(`0x${'11'.repeat(32)}`).address
const inSeconds = (seconds: number): number => Math.floor(Date.now() / 1000) + seconds

describe('what is no credential is refused', () => {
  test.each([
    ['', /cannot be read/],
    ['Payment', /cannot be read/],
    ['Payment !!!', /cannot be read/],
    ['Bearer abc', /cannot be read/],
    [`Payment ${Buffer.from('{}').toString('base64url')}`, /cannot be read/],
    [`Payment ${Buffer.from('{"challenge":null,"payload":1}').toString('base64url')}`, /cannot be read/],
    ['Payment {', /documented form: all of it/],
    ['Payment {"scheme":"Payment"}', /documented form: transaction, challengeNonce/],
    ['Payment {"scheme":"Other","transaction":"0x76","challengeNonce":"x"}', /documented form: scheme/],
    ['Payment {"scheme":"Payment","transaction":"0x02ff","challengeNonce":"x"}', /documented form: transaction/],
    ['Payment {"scheme":"Payment","transaction":"0x76","challengeNonce":"x"}', /challengeNonce is no open challenge/],
    [`Payment ${'a'.repeat(40_000)}`, /too long/],
  ])('%.60s', async (authorization, reason) => {
    expect(await refusal(authorization)).toMatch(reason)
  })
})

describe('a credential of the documented form is refused', () => {
  test.each<[string, () => Parameters<PaidServer['documented']>[2], RegExp]>([
    ['when it pays too little', () => ({ amount: 49_899n }), /amount of the transfer is 49899/],
    ['when it pays too much', () => ({ amount: 50_101n }), /amount of the transfer is 50101/],
    ['when it pays in another token', () => ({ token: alphaUsd }), /another token than the currency 0x20c0/],
    ['when it pays somebody else', () => ({ to: elsewhere }), /another recipient/],
    ['when it is for another chain', () => ({ overrides: { chainId: 4217 } }), /for chain 4217, not 42431/],
    ['when it is no longer valid', () => ({ overrides: { validBefore: inSeconds(-1) } }), /no longer valid/],
    ['when it is not valid for long', () => ({ overrides: { validBefore: inSeconds(5) } }), /stay valid for 10 seconds/],
    ['when it is not valid yet', () => ({ overrides: { validAfter: inSeconds(600) } }), /not valid yet/],
    ['when its nonce comes later', () => ({ overrides: { nonce: 7 } }), /nonce 7, and the next one of its sender is 0/],
    [
      'when its nonce in a series of its own comes later',
      () => ({ overrides: { nonceKey: 5n, nonce: 3 } }),
      /nonce 3, and the next one .* is 0/,
    ],
    ['when it allows for no gas', () => ({ overrides: { gas: 0n } }), /allows for no gas/],
    ['when its fee is in what is no token', () => ({ overrides: { feeToken: elsewhere } }), /does not cover the fee/],
    ['when an expiring nonce never expires', () => ({ overrides: { nonceKey: 2n ** 256n - 1n } }), /says until when it is valid/],
    ['when it has not enough gas', () => ({ overrides: { gas: 20_000n } }), /would fail on the chain: .*gas/i],
    ['when it offers too small a fee', () => ({ overrides: { maxFeePerGas: 5n, maxPriorityFeePerGas: 1n } }), /offers 5 per gas/],
  ])('%s', async (_why, details, reason) => {
    expect(await refusal(await shop.documented(payer, await shop.challenge(), details()))).toMatch(reason)
  })

  test('when the payer does not have the money', async () => {
    const poor = await shop.chain.createPayer(1000n)
    expect(await refusal(await shop.documented(poor, await shop.challenge()))).toMatch(/balance of 0x\w{40} does not cover/)
  })

  test('when the payer has the money and not the fee', async () => {
    const poor = await shop.chain.createPayer(50_000n)
    expect(await refusal(await shop.documented(poor, await shop.challenge()))).toMatch(/does not cover the transfer and its fee/)
  })

  test('when the payer cannot pay the fee in the token it chose', async () => {
    const poor = await shop.chain.createPayer(50_000n)
    await shop.chain.transfer(poor, { to: elsewhere, amount: 45_000n, token: alphaUsd })
    const details = { overrides: { feeToken: alphaUsd } }
    expect(await refusal(await shop.documented(poor, await shop.challenge(), details))).toMatch(/does not cover the fee/)
  })

  test('when its transaction does more than one transfer, or something else', async () => {
    const { client, recipient } = shop.chain
    const challenge = await shop.challenge()
    const transfer = Actions.token.transfer.call(client, { token: pathUsd, to: recipient, amount: 50_000n })
    const approve = Actions.token.approve.call(client, { token: pathUsd, spender: recipient, amount: 50_000n })
    for (const calls of [
      [transfer, transfer],
      [approve],
      [{ to: pathUsd, data: '0x12345678' }],
      [{ to: pathUsd }],
      [{ ...transfer, value: 1n }],
    ])
      expect(await refusal(await shop.documented(payer, challenge, { overrides: { calls } }))).toMatch(/one transfer and nothing else/)
  })

  test('when its transaction is not signed, cut short, or has bytes changed', async () => {
    const challenge = await shop.challenge()
    const credential = JSON.parse((await shop.documented(payer, challenge)).slice('Payment '.length))
    const withTransaction = (transaction: string) => refusal(`Payment ${JSON.stringify({ ...credential, transaction })}`)
    expect(await withTransaction(credential.transaction.slice(0, -2))).toMatch(/cannot be decoded/)
    expect(await withTransaction('0x76')).toMatch(/cannot be decoded/)
    expect(await withTransaction('0x76c0')).toMatch(/cannot be decoded/)
    const transaction = Transaction.deserialize(credential.transaction)
    expect(await withTransaction(await Transaction.serialize({ ...transaction, signature: undefined } as never))).toMatch(/not signed/)
    const sponsored = await Transaction.serialize({ ...transaction, feePayerSignature: null } as never)
    expect(await withTransaction(sponsored)).toMatch(/this server pays no fees/)
    // Another amount under the same signature is the transaction of somebody else, who has no money.
    const amount = 50_000n.toString(16).padStart(64, '0')
    const changed = credential.transaction.replace(amount, 50_001n.toString(16).padStart(64, '0'))
    expect(changed).not.toBe(credential.transaction)
    expect(await withTransaction(changed)).toMatch(/balance of 0x\w{40} does not cover/)
  })

  test('when its nonce was changed, made up, or is another way to write the same', async () => {
    const challenge = await shop.challenge()
    const { nonce } = challenge
    const [expiry, salt, mac] = nonce.split('.') as [string, string, string]
    const minuteLater = (parseInt(expiry, 36) + 60_000).toString(36)
    const flip = (text: string) => (text.startsWith('A') ? 'B' : 'A') + text.slice(1)
    const others = [
      `0${nonce}`,
      `${nonce}A`,
      ` ${nonce}`,
      `${minuteLater}.${salt}.${mac}`,
      `${expiry}.${flip(salt)}.${mac}`,
      `${expiry}.${salt}.${flip(mac)}`,
    ]
    for (const other of [...others, 'x'.repeat(16), '', `${expiry}.${salt}`])
      expect(await refusal(await shop.documented(payer, { ...challenge, nonce: other })), other).toMatch(
        /challengeNonce is no open challenge/,
      )
  })

  test('when its challenge has expired', async () => {
    const credential = await shop.documented(payer, await shop.challenge())
    expect(await later(301, () => refusal(credential))).toMatch(/challenge has expired/)
  })

  test('when its challenge was for another plugin, another price or another server', async () => {
    const ofTts = await shop.challenge({ plugin: 'tts', amountMicroUsd: 50_000, description: 'One tts call' })
    const cheap = await shop.challenge({ ...price, amountMicroUsd: 49_950 })
    const foreign = await withEnv(shop.server, { APP_URL: 'https://other.example' }, () => shop.challenge())
    for (const challenge of [ofTts, cheap, foreign])
      expect(await refusal(await shop.documented(payer, challenge))).toMatch(/challengeNonce is no open challenge/)
  })
})

describe("a credential of the protocol's own client is refused", () => {
  type Change = (credential: Credential.Credential) => Credential.Credential
  const inChallenge =
    (fields: Record<string, unknown>): Change =>
    (credential) => ({ ...credential, challenge: { ...credential.challenge, ...fields } as never })
  const inRequest =
    (fields: Record<string, unknown>): Change =>
    (credential) =>
      inChallenge({ request: { ...credential.challenge.request, ...fields } })(credential)
  const tomorrow = new Date(Date.now() + 86_400_000).toISOString()
  const opaque = Buffer.from('{"plugin":"tts","salt":"x"}').toString('base64url')

  test.each<[string, Change]>([
    ['id', (credential) => inChallenge({ id: credential.challenge.id.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')) })(credential)],
    ['expiry in the id', (credential) => inChallenge({ id: `0${credential.challenge.id}` })(credential)],
    ['realm', inChallenge({ realm: 'other.example' })],
    ['method', inChallenge({ method: 'stripe' })],
    ['intent', inChallenge({ intent: 'session' })],
    ['expiry', inChallenge({ expires: tomorrow })],
    ['plugin', inChallenge({ opaque })],
    ['amount', inRequest({ amount: '1' })],
    ['currency', inRequest({ currency: alphaUsd })],
    ['recipient', inRequest({ recipient: elsewhere })],
    ['chain', inRequest({ methodDetails: { chainId: 4217 } })],
  ])('when the %s of its challenge was changed', async (_field, change) => {
    expect(await refusal(alter(await shop.standard(payer), change))).toMatch(/challenge in the payment credential was altered/)
  })

  test.each<[string, Record<string, string>, RegExp]>([
    ['realm', { APP_URL: 'https://other.example' }, /another realm, which is localhost:3000 here/],
    ['currency', { MPP_CURRENCY: alphaUsd }, /another currency/],
    ['recipient', { MPP_RECIPIENT: elsewhere, TEMPO_RPC_URL: 'http://127.0.0.1:1', TEMPO_TESTNET: 'on' }, /another recipient/],
  ])('when its challenge is for another %s', async (_what, variables, reason) => {
    const answer = await withEnv(shop.server, variables, () => shop.buy())
    const credential = await shop.clientOf(payer).createCredential(answer)
    expect(await refusal(credential)).toMatch(reason)
  })

  test('when its challenge is for another plugin, price or chain', async () => {
    const credential = await shop.standard(payer)
    expect(await refusal(credential, { ...price, plugin: 'tts' })).toMatch(/another plugin/)
    expect(await refusal(credential, { ...price, amountMicroUsd: 60_000 })).toMatch(/another amount; the call costs 0.06 dollars/)
    const onMainNet = { TEMPO_TESTNET: 'off', DATABASE_URL: 'postgres://nowhere', APP_SECRET: 'x'.repeat(32) }
    expect(await withEnv(shop.server, onMainNet, () => refusal(credential))).toMatch(/another chain/)
  })

  test('when its challenge has expired', async () => {
    const credential = await shop.standard(payer)
    expect(await later(301, () => refusal(credential))).toMatch(/challenge has expired/)
  })

  test('when somebody else is said to pay', async () => {
    const credential = await shop.standard(payer)
    const from = (source: string) => refusal(alter(credential, (one) => ({ ...one, source })))
    expect(await from(`did:pkh:eip155:42431:${elsewhere}`)).toMatch(/source of the payment credential is not 0x/)
    expect(await from(`did:pkh:eip155:4217:${payer.address}`)).toMatch(/source of the payment credential is not 0x/)
    expect(await from('somebody')).toMatch(/source of the payment credential is not of the form/)
  })

  test('when its payload is of another kind', async () => {
    const credential = await shop.standard(payer)
    const paying = (payload: unknown) => refusal(alter(credential, (one) => ({ ...one, payload })))
    expect(await paying({ type: 'proof', signature: '0xabcd' })).toMatch(/proof pays only for calls that cost nothing/)
    expect(await paying({ type: 'card' })).toMatch(/neither a transaction nor the hash of one/)
    expect(await paying(undefined)).toMatch(/neither a transaction nor the hash of one/)
    expect(await paying({ type: 'transaction', signature: '0x02abcd' })).toMatch(/does not start with 0x76/)
  })

  test('when its transfer was not made for this challenge', async () => {
    const [one, other] = [await shop.standard(payer), await shop.standard(payer)]
    const { payload } = Credential.deserialize(one)
    expect(await refusal(alter(other, (credential) => ({ ...credential, payload })))).toMatch(
      /memo of the transfer is not for this challenge/,
    )
    const signature = await shop.chain.sign(payer, { to: shop.chain.recipient, amount: 50_000n })
    const withoutMemo = alter(one, (credential) => ({ ...credential, payload: { type: 'transaction', signature } }))
    expect(await refusal(withoutMemo)).toMatch(/memo of the transfer is not for this challenge/)
  })

  describe('when it says the hash', () => {
    const withHash = async (hash: Hex) => refusal(alter(await shop.standard(payer), (one) => ({ ...one, payload: { type: 'hash', hash } })))

    test('of no transaction', async () => {
      expect(await withHash(`0x${'ab'.repeat(32)}`)).toMatch(/No block has a transaction with that hash/)
    })

    test('of a transaction that paid somebody else, or in another token', async () => {
      const toOther = await shop.chain.transfer(payer, { to: elsewhere, amount: 50_000n })
      expect(await withHash(toOther)).toMatch(/does not transfer the currency 0x20c0\w+ to the recipient/)
      const otherToken = await shop.chain.transfer(payer, { to: shop.chain.recipient, amount: 50_000n, token: alphaUsd })
      expect(await withHash(otherToken)).toMatch(/does not transfer the currency/)
    })
  })
})
