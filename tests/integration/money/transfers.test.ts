import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { encodeFunctionData } from 'viem'
import { privateKeyToAccount, type PrivateKeyAccount } from 'viem/accounts'
import { Abis, Actions } from 'viem/tempo'
import { findTransferTo } from '../../../server/integrations/chains/transfers.ts'
import { createChallenge } from '../../../server/money/payments/mpp.service.ts'
import { withEnv } from '../../contract/with-env.ts'
import { price, startPaidServer, type PaidServer } from '../../helpers/paid-server.ts'
import { alphaUsd, pathUsd } from '../../helpers/tempo-chain.ts'

let shop: PaidServer
let payer: PrivateKeyAccount
beforeAll(async () => {
  shop = await startPaidServer()
  payer = await shop.chain.createPayer()
})
afterAll(() => shop.close())

const find = (hash: string) => findTransferTo(shop.server.platform, hash)
const elsewhere = privateKeyToAccount(`0x${'11'.repeat(32)}`).address

/** Transfers to the recipient of the server, in one transaction. */
const transferTogether = (...amounts: bigint[]) => {
  const { client, recipient: to } = shop.chain
  const calls = amounts.map((amount) => Actions.token.transfer.call(client, { token: pathUsd, to, amount }))
  return shop.chain.transfer(payer, { to, amount: 0n, overrides: { calls } })
}

describe('what a transaction paid here', () => {
  test('is who paid, how much and when', async () => {
    const hash = await shop.chain.transfer(payer, { to: shop.chain.recipient, amount: 1_234_567n })
    const { timestamp } = await shop.chain.client.getBlock()
    const minedAt = Number(timestamp) * 1000
    expect(await find(hash)).toEqual({ chainId: 42431, from: payer.address, amountMicroUsd: 1_234_567, memos: [], minedAt })
  })

  test('counts a transfer with a memo once, and several transfers together', async () => {
    const withMemo = await shop.chain.transfer(payer, { to: shop.chain.recipient, amount: 500n, memo: `0x${'cd'.repeat(32)}` })
    expect(await find(withMemo)).toMatchObject({ amountMicroUsd: 500, memos: [`0x${'cd'.repeat(32)}`] })
    expect(await find(await transferTogether(100n, 100n, 250n))).toMatchObject({ amountMicroUsd: 450 })
  })

  test('is nothing for another token, another recipient, no transaction, and what is no hash', async () => {
    expect(await find(await shop.chain.transfer(payer, { to: shop.chain.recipient, amount: 500n, token: alphaUsd }))).toBeUndefined()
    expect(await find(await shop.chain.transfer(payer, { to: elsewhere, amount: 500n }))).toBeUndefined()
    expect(await find(`0x${'ab'.repeat(32)}`)).toBeUndefined()
    expect(await find('0xabcd')).toBeUndefined()
  })

  test('is nothing when the transaction failed', async () => {
    const serializedTransaction = await shop.chain.sign(payer, { to: shop.chain.recipient, amount: 900_000_000n })
    const hash = await shop.chain.client.sendRawTransaction({ serializedTransaction })
    expect((await shop.chain.client.waitForTransactionReceipt({ hash })).status).toBe('reverted')
    expect(await find(hash)).toBeUndefined()
  })

  test('is nothing when the money comes from more than one sender', async () => {
    const other = await shop.chain.createPayer()
    const { client, recipient } = shop.chain
    const approve = Actions.token.approve.call(client, { token: pathUsd, spender: payer.address, amount: 500n })
    await shop.chain.transfer(other, { to: recipient, amount: 0n, overrides: { calls: [approve] } })
    const own = Actions.token.transfer.call(client, { token: pathUsd, to: recipient, amount: 500n })
    const args = [other.address, recipient, 500n] as const
    const others = { to: pathUsd, data: encodeFunctionData({ abi: Abis.tip20, functionName: 'transferFrom', args }) }
    expect(await find(await shop.chain.transfer(payer, { to: recipient, amount: 0n, overrides: { calls: [own, others] } }))).toBeUndefined()
  })
})

describe('a server', () => {
  const hash = `0x${'ab'.repeat(32)}`

  test('that is not told whom to pay says which variable is missing', async () => {
    const missing = async (variables: Record<string, string>, variable: string) =>
      withEnv(shop.server, variables, async () => {
        const outcomes = await Promise.allSettled([find(hash), createChallenge(shop.context(), price)])
        for (const outcome of outcomes)
          expect(outcome).toMatchObject({ reason: { kind: 'unavailable', code: 'CHAIN_NOT_CONFIGURED', details: { variable } } })
      })
    await missing({ MPP_RECIPIENT: '' }, 'MPP_RECIPIENT')
    await missing({ TEMPO_RPC_URL: '' }, 'TEMPO_RPC_URL')
  })

  test('whose chain does not answer says so', async () => {
    await withEnv(shop.server, { TEMPO_RPC_URL: 'http://127.0.0.1:1' }, async () => {
      await expect(find(hash)).rejects.toMatchObject({ kind: 'unavailable', code: 'CHAIN_UNAVAILABLE' })
    })
  })

  test('does not count money of the test network as real', async () => {
    await withEnv(shop.server, { TEMPO_TESTNET: 'off' }, async () => {
      await expect(find(hash)).rejects.toThrow('TEMPO_RPC_URL is chain 42431, but TEMPO_TESTNET asks for chain 4217.')
    })
  })
})
