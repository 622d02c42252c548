import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Hex } from 'viem'
import type { PrivateKeyAccount } from 'viem/accounts'
import { insertConfirmed, lockTransfer } from '../../../server/money/payments/chain-payments.queries.ts'
import { depositTypedData } from '../../../server/money/payments/deposit-proof.rules.ts'
import { authorizeMpp } from '../../../server/money/payments/mpp.service.ts'
import { startPaidServer, type PaidServer } from '../../helpers/paid-server.ts'
import { bookOf } from '../../helpers/ledger.ts'
import type { TestAccount } from '../../helpers/test-server.ts'

const PATH = '/api/wallet/sessions'
const CHAIN = 42_431
const USD = 1_000_000n

let shop: PaidServer
let payer: PrivateKeyAccount
let owner: TestAccount
let thief: TestAccount
beforeAll(async () => {
  shop = await startPaidServer()
  payer = await shop.chain.createPayer(900n * USD)
  owner = await shop.server.createAccount()
  thief = await shop.server.createAccount()
})
afterAll(() => shop.close())

const pay = (memo?: Hex, amount = 2n * USD) => shop.chain.transfer(payer, { to: shop.chain.recipient, amount, ...(memo ? { memo } : {}) })

const claim = ({ key }: TestAccount, depositTx: string, more: Record<string, unknown> = {}) =>
  shop.server.call('POST', PATH, { key, body: { address: payer.address, deposit: '2.00', depositTx, ...more } })

/** What the sender of a transfer signs to give it to an account. */
async function sign({ id }: TestAccount, transaction: string, { by = payer, server = hostOf(), chainId = CHAIN } = {}) {
  return { depositSignature: await by.signTypedData(depositTypedData({ server, account: id, transaction: transaction as Hex }, chainId)) }
}

const hostOf = () => new URL(shop.server.platform.env.APP_URL).host
const termsOf = async ({ key }: TestAccount) => (await shop.server.call('GET', `${PATH}/deposit`, { key })).body
const balanceOf = ({ id }: TestAccount) => bookOf(shop.server.platform, `credits:${id}`)

async function close({ key }: TestAccount, { body }: { body: { session: { id: string } } }): Promise<void> {
  await shop.server.call('DELETE', `${PATH}?sessionId=${body.session.id}`, { key })
}

describe('a transfer is claimed', () => {
  test('by nobody who only knows its hash and its sender, and the refusal says what proves it', async () => {
    const hash = await pay()
    const refused = await claim(thief, hash)
    expect(refused).toMatchObject({ status: 402, body: { code: 'DEPOSIT_UNPROVEN' } })
    expect(refused.body.memo).toBe((await termsOf(thief)).memo)
    const { sign: typed } = (await claim(owner, hash)).body
    const opened = await claim(owner, hash, { depositSignature: await payer.signTypedData(typed) })
    expect(opened).toMatchObject({ status: 201, body: { session: { deposit: '2.00' } } })
    await close(owner, opened)
    expect(await balanceOf(thief)).toBe(0)
  })

  test.each([
    ['of another account', (hash: string) => sign(owner, hash)],
    [
      'of another transfer',
      (hash: string) =>
        sign(
          thief,
          hash.replace(/.$/, (digit) => (digit === '0' ? '1' : '0')),
        ),
    ],
    ['for another server', (hash: string) => sign(thief, hash, { server: 'elsewhere.example' })],
    ['for another chain', (hash: string) => sign(thief, hash, { chainId: 4217 })],
    ['of another wallet', async (hash: string) => sign(thief, hash, { by: await shop.chain.createPayer() })],
    ['that is none', async () => ({ depositSignature: '0x9ab4' })],
  ])('by nobody who sends a signature %s', async (_what, proofOf) => {
    const hash = await pay()
    expect(await claim(thief, hash, await proofOf(hash))).toMatchObject({ status: 402, body: { code: 'DEPOSIT_SIGNATURE_INVALID' } })
    const opened = await claim(owner, hash, await sign(owner, hash))
    expect(opened.status).toBe(201)
    await close(owner, opened)
  })

  test('by the account whose memo it carries, in the documented form, and by no other, not even with a signature', async () => {
    const { recipient, chainId, memo } = await termsOf(owner)
    expect({ recipient, chainId }).toEqual({ recipient: shop.chain.recipient, chainId: CHAIN })
    const hash = await pay(memo)
    expect(await claim(thief, hash, await sign(thief, hash))).toMatchObject({ status: 402, body: { code: 'DEPOSIT_OF_ANOTHER_ACCOUNT' } })
    const opened = await claim(owner, hash)
    expect(opened.status).toBe(201)
    await close(owner, opened)
  })

  test('by its owner, whoever else claims it at the same moment, whatever the order', async () => {
    for (const order of [
      [thief, owner],
      [owner, thief],
    ]) {
      const hash = await pay()
      const answers = await Promise.all(
        order.flatMap((account) =>
          Array.from({ length: 5 }, async () => ({ account, ...(await claim(account, hash, await sign(owner, hash))) })),
        ),
      )
      expect(answers.filter(({ account, status }) => account === thief && status < 300)).toEqual([])
      const opened = answers.find(({ status }) => status === 201)!
      expect(opened.account).toBe(owner)
      await close(owner, opened)
    }
    expect(await balanceOf(thief)).toBe(0)
  })

  test('by nobody when it is older than the account', async () => {
    const hash = await pay()
    const { timestamp } = await shop.chain.client.getBlock()
    const late = await shop.server.createAccount()
    const madeAt = new Date((Number(timestamp) + 1) * 1000).toISOString()
    await shop.server.platform.databases.system.updateTable('accounts').set({ createdAt: madeAt }).where('id', '=', late.id).execute()
    expect(await claim(late, hash, await sign(late, hash))).toMatchObject({ status: 402, body: { code: 'DEPOSIT_TOO_OLD' } })
  })
})

describe('a transfer that pays for a call is no deposit', () => {
  const refused = { status: 402, body: { code: 'DEPOSIT_PAYS_A_CALL' } }
  const hashOf = (credential: string) => JSON.parse(Buffer.from(credential.slice('Payment '.length), 'base64url').toString()).payload.hash
  const claimSigned = async (hash: string, by = payer) => claim(owner, hash, { address: by.address, ...(await sign(owner, hash, { by })) })
  const system = () => shop.server.platform.databases.system
  const price = { plugin: 'agent', amountMicroUsd: 2_000_000, description: '' }

  /** A transfer of the price by a wallet of its own. Whoever has it can send it, until it lapses. */
  async function makeTransfer() {
    const by = await shop.chain.createPayer()
    const overrides = { nonceKey: 2n ** 256n - 1n, validBefore: Math.floor(Date.now() / 1000) + 25 }
    return { by, raw: await shop.chain.sign(by, { to: shop.chain.recipient, amount: 2n * USD, overrides }) }
  }

  async function broadcast(serializedTransaction: Hex): Promise<Hex> {
    const hash = await shop.chain.client.sendRawTransaction({ serializedTransaction })
    await shop.chain.client.waitForTransactionReceipt({ hash })
    return hash
  }

  /** Brings a transaction as a payment for a call. */
  async function bring(transaction: Hex) {
    const { nonce } = await shop.challenge(price)
    return authorizeMpp(shop.context(), price, `Payment ${JSON.stringify({ scheme: 'Payment', transaction, challengeNonce: nonce })}`)
  }

  const newestPayment = () =>
    system().selectFrom('chainPayments').orderBy('id', 'desc').select('txHash').$narrowType<{ txHash: string }>().executeTakeFirstOrThrow()

  test('before, while and after it is brought as a payment by the client that sent it', async () => {
    const credential = await shop.standard(payer, 'push')
    const hash = hashOf(credential)
    expect(await claimSigned(hash)).toMatchObject(refused)
    shop.work = async () => {
      expect(await claimSigned(hash)).toMatchObject(refused)
      return 'worked'
    }
    expect((await shop.buy(credential)).status).toBe(200)
    expect(await claimSigned(hash)).toMatchObject(refused)
  })

  test('while its outcome is not known, and afterwards', async () => {
    await shop.reset()
    const credential = await shop.documented(payer, await shop.challenge())
    shop.rpc.cutMethod = 'eth_sendRawTransaction'
    expect((await shop.buy(credential)).status).toBe(503)
    const { txHash } = await newestPayment()
    expect(await claimSigned(txHash)).toMatchObject(refused)
    await shop.reset()
    expect((await shop.buy(credential)).status).toBe(200)
    expect(await claimSigned(txHash)).toMatchObject(refused)
  })

  test('nor is a deposit a payment: not by whoever saw it on the chain, nor by its memo, nor when it was booked', async () => {
    await shop.reset()
    const { by, raw } = await makeTransfer()
    const hash = await broadcast(raw)
    await expect(bring(raw)).rejects.toThrow('on the chain already')
    const withMemo = await shop.chain.sign(payer, { to: shop.chain.recipient, amount: 2n * USD, memo: (await termsOf(owner)).memo })
    await expect(bring(withMemo)).rejects.toThrow('the deposit of an account')
    const opened = await claimSigned(hash, by)
    expect(opened.status).toBe(201)
    await close(owner, opened)
    await expect(bring(raw)).rejects.toMatchObject({ kind: 'payment_required' })
  })

  test('and of a payment and a deposit at the same moment, the payment gets it', async () => {
    await shop.reset()
    const { by, raw } = await makeTransfer()
    const payment = await bring(raw)
    const hash = await broadcast(raw)
    const before = await shop.taken()
    const [paid, ...deposits] = await Promise.all([payment.capture(), ...Array.from({ length: 10 }, () => claimSigned(hash, by))])
    expect(paid.reference).toBe(hash)
    for (const deposit of deposits) expect(deposit).toMatchObject(refused)
    expect((await shop.taken()).booked - before.booked).toBe(2_000_000)
  })

  test.runIf(process.env.TEST_DATABASE_URL)('nor is it while that is being decided, for which a deposit waits', async () => {
    await shop.reset()
    const { by, raw } = await makeTransfer()
    const txHash = await broadcast(raw)
    const waiting = async () => {
      const { rows } = await sql`
        select from pg_locks join pg_database on pg_database.oid = pg_locks.database
        where datname = current_database() and locktype = 'advisory' and not granted`.execute(system())
      return rows.length
    }
    const deposits: ReturnType<typeof claimSigned>[] = []
    await system()
      .transaction()
      .execute(async (db) => {
        await lockTransfer(db, txHash)
        deposits.push(claimSigned(txHash, by))
        await expect.poll(waiting).toBe(1)
        const payment = { accountId: null, txHash, payer: by.address.toLowerCase(), plugin: 'agent', amountMicroUsd: 2_000_000 }
        const row = { ...payment, id: 'pay_decided', challengeId: 'decided', chainId: CHAIN, lapsesAt: null }
        await insertConfirmed(db, row, { claimedBy: 'a call', seconds: 60 })
      })
    expect(await Promise.all(deposits)).toMatchObject([refused])
  })

  test('and of both when neither has begun, one gets it', async () => {
    for (let round = 0; round < 3; round++) {
      await shop.reset()
      const by = await shop.chain.createPayer()
      const credential = await shop.standard(by, 'push')
      const hash = hashOf(credential)
      const outside = await bookOf(shop.server.platform, `chain:${CHAIN}`)
      const [bought, deposit] = await Promise.all([shop.buy(credential), claimSigned(hash, by)])
      expect([bought.status, deposit.status]).toEqual([200, 402])
      expect(outside - (await bookOf(shop.server.platform, `chain:${CHAIN}`))).toBe(50_000)
    }
  })
})
