import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Address } from 'viem'
import {
  createChainKey,
  driveTransfers,
  incomingTransfers,
  queueTransfer,
  transferOf,
  type ChainKeyRow,
} from '../../../server/money/transfers/index.ts'
import type { AccountId, Platform } from '../../../server/platform/core/index.ts'
import { anyAddress, startBaseChain, usdc, type BaseChain } from '../../helpers/base-chain.ts'
import { failAfter, ServerDied } from '../../helpers/failing-server.ts'
import { startTestServer, type TestServer } from '../../helpers/test-server.ts'

const CHAIN_ID = 8453
const CONFIRMATIONS = 3
const DOLLAR = 1_000_000n

let chain: BaseChain
let server: TestServer
let platform: Platform
let accountId: AccountId
beforeAll(async () => {
  chain = await startBaseChain()
  server = await startTestServer({ CHAIN_CONFIRMATIONS: String(CONFIRMATIONS) })
  // The server itself has no chain: what it does every few seconds would come between.
  platform = { ...server.platform, env: { ...server.platform.env, BASE_RPC_URL: chain.rpc.url } }
  accountId = (await server.createAccount()).id as AccountId
})
afterAll(async () => {
  await server.close()
  await chain.close()
})

const system = () => platform.databases.system
let count = 0

/** A key with ten dollars, and gas. */
async function newKey({ dollars = 10n, wei }: { dollars?: bigint; wei?: bigint } = {}): Promise<ChainKeyRow> {
  const key = (await createChainKey(platform, { purpose: 'escrow', accountId }))!
  await chain.fund(key.address, dollars * DOLLAR, wei)
  return key
}

/** Orders that a key pays a dollar to somebody new. */
async function order(key: ChainKeyRow, options: { amount?: bigint; token?: Address | null; waitsForFunds?: boolean; to?: Address } = {}) {
  const ref = `test ${++count}`
  const { amount = DOLLAR, token = usdc, to = anyAddress(), waitsForFunds = false } = options
  await queueTransfer(system(), { keyId: key.id, chainId: CHAIN_ID, to, token, amount, ref, waitsForFunds })
  return { ref, to, state: async () => (await transferOf(system(), ref))!, got: () => chain.usdcOf(to) }
}

/** What a server does, with blocks in between, until everything that was ordered is over. */
async function finish(): Promise<void> {
  for (let round = 0; round < 6; round++) {
    await driveTransfers(platform)
    const open = system().selectFrom('chainTransfers').where('endedAt', 'is', null)
    if ((await open.select('id').execute()).length === 0) return
    await chain.mine(CONFIRMATIONS)
  }
  throw new Error('something is still open')
}

/** Makes what was signed look so old that it counts as stuck. */
const makeOld = (ref: string) =>
  sql`update chain_transfers set signed_at = now() - interval '5 minutes' where ref = ${ref}`.execute(system())

/** While it runs, transactions stay out of blocks. */
async function withoutBlocks<T>(work: () => Promise<T>): Promise<T> {
  await chain.client.setAutomine(false)
  try {
    return await work()
  } finally {
    await chain.client.setAutomine(true)
  }
}

describe('a transfer', () => {
  test('goes from ordered to confirmed, and says what it cost', async () => {
    const key = await newKey()
    const transfer = await order(key)
    expect(await transfer.state()).toMatchObject({ state: 'queued', nonce: null, txHash: null })
    await driveTransfers(platform)
    expect(await transfer.state()).toMatchObject({ state: 'broadcast', nonce: 0 })
    await driveTransfers(platform)
    expect(await transfer.state(), 'it is in a block, and not deep').toMatchObject({ state: 'broadcast', endedAt: null })
    await chain.mine(CONFIRMATIONS - 1)
    await driveTransfers(platform)
    const done = await transfer.state()
    expect(done).toMatchObject({ state: 'confirmed', problem: null })
    const receipt = await chain.client.getTransactionReceipt({ hash: done.txHash as Address })
    expect(done.feeWei).toBe(String(receipt.gasUsed * receipt.effectiveGasPrice))
    expect(await transfer.got()).toBe(DOLLAR)
  })

  test('of ether goes the same way', async () => {
    const key = await newKey()
    const transfer = await order(key, { token: null, amount: 1234n })
    await finish()
    expect(await transfer.state()).toMatchObject({ state: 'confirmed' })
    expect(await chain.client.getBalance({ address: transfer.to })).toBe(1234n)
  })

  test('that is ordered twice under one name is made once, and another one under that name is an error', async () => {
    const key = await newKey()
    const { ref, to, got } = await order(key)
    const again = { keyId: key.id, chainId: CHAIN_ID, to, token: usdc, amount: DOLLAR, ref }
    expect((await queueTransfer(system(), again)).ref).toBe(ref)
    await expect(queueTransfer(system(), { ...again, amount: 2n })).rejects.toThrow('another transfer')
    await finish()
    expect(await got()).toBe(DOLLAR)
  })

  test('is not made when the transaction that ordered it is rolled back', async () => {
    const key = await newKey()
    const to = anyAddress()
    const undone = system()
      .transaction()
      .execute(async (db) => {
        await queueTransfer(db, { keyId: key.id, chainId: CHAIN_ID, to, token: usdc, amount: 1n, ref: 'undone' })
        throw new Error('no')
      })
    await expect(undone).rejects.toThrow('no')
    await finish()
    expect(await chain.usdcOf(to)).toBe(0n)
  })

  test('keeps its order with others of the key, and all of them are paid', async () => {
    const key = await newKey()
    const all = [await order(key), await order(key), await order(key)]
    await finish()
    expect(await Promise.all(all.map(async ({ state }) => (await state()).nonce))).toEqual([0, 1, 2])
    expect(await Promise.all(all.map(({ got }) => got()))).toEqual([DOLLAR, DOLLAR, DOLLAR])
  })
})

describe('what is missing', () => {
  test.each([
    ['tokens', { dollars: 0n }, 'does not cover the transfer'],
    ['gas', { wei: 0n }, 'too little ether'],
  ])('fails a transfer before anything is signed: %s', async (_, funds, problem) => {
    const key = await newKey(funds)
    const transfer = await order(key)
    await driveTransfers(platform)
    expect(await transfer.state()).toMatchObject({ state: 'failed', nonce: null, problem: expect.stringContaining(problem) })
    expect(await chain.sentBy(key.address)).toBe(0)
  })

  test('is waited for where that was asked for', async () => {
    const key = await newKey({ wei: 0n })
    const transfer = await order(key, { waitsForFunds: true })
    await driveTransfers(platform)
    expect(await transfer.state()).toMatchObject({ state: 'queued', problem: expect.stringContaining('too little ether') })
    await chain.fund(key.address, 0n)
    await finish()
    expect(await transfer.state()).toMatchObject({ state: 'confirmed', problem: null })
  })

  test('counts what was sent before and is in no block yet', async () => {
    const key = await newKey({ dollars: 1n })
    const [first, second] = [await order(key), await order(key)]
    await withoutBlocks(() => driveTransfers(platform))
    expect([(await first.state()).state, (await second.state()).state]).toEqual(['broadcast', 'failed'])
    await finish()
    expect([await first.got(), await second.got()]).toEqual([DOLLAR, 0n])
  })

  test('a transfer that the contract refuses when it comes to it has failed, and cost its gas', async () => {
    const key = await newKey()
    const transfer = await withoutBlocks(async () => {
      const ordered = await order(key)
      await driveTransfers(platform)
      // It comes back behind the pause.
      await chain.client.dropTransaction({ hash: (await ordered.state()).txHash as Address })
      return ordered
    })
    await chain.setPaused(true)
    await finish()
    await chain.setPaused(false)
    expect(await transfer.state()).toMatchObject({
      state: 'failed',
      problem: expect.stringContaining('refused'),
      feeWei: expect.any(String),
    })
    expect(await transfer.got()).toBe(0n)
  })
})

describe('a server that dies', () => {
  test('after any of its statements leaves a transfer that is paid once', async () => {
    let deaths = 0
    for (let statements = 0; ; statements++) {
      const key = await newKey()
      const transfer = await order(key)
      const dying = failAfter(platform, statements)
      const died = await driveTransfers(dying).then(
        () => false,
        (error: unknown) => {
          if (error instanceof ServerDied) return true
          throw error
        },
      )
      // Its lease would run out by itself.
      await sql`update chain_senders set leased_by = null, lease_expires_at = null`.execute(system())
      await finish()
      expect(await transfer.state(), `after ${statements} statements`).toMatchObject({ state: 'confirmed', nonce: 0 })
      expect([await transfer.got(), await chain.usdcOf(key.address), await chain.sentBy(key.address)]).toEqual([DOLLAR, 9n * DOLLAR, 1])
      if (!died) break
      deaths++
    }
    expect(deaths).toBeGreaterThan(8)
  })

  test('while another one works on the same: one transaction each', async () => {
    const key = await newKey()
    const all = [await order(key), await order(key), await order(key), await order(key)]
    const another = { ...platform, serverId: 'another server' }
    await Promise.all([driveTransfers(platform), driveTransfers(another), driveTransfers(platform), driveTransfers(another)])
    await finish()
    expect(await Promise.all(all.map(({ got }) => got()))).toEqual(all.map(() => DOLLAR))
    expect(await chain.sentBy(key.address)).toBe(4)
  })
})

describe('a node that', () => {
  test('takes a transaction, and whose answer gets lost, is asked for the receipt', async () => {
    const key = await newKey()
    const transfer = await order(key)
    chain.rpc.cutMethod = 'eth_sendRawTransaction'
    await driveTransfers(platform)
    chain.rpc.cutMethod = undefined
    expect(await transfer.state()).toMatchObject({ state: 'signed', nonce: 0 })
    await finish()
    expect(await transfer.state()).toMatchObject({ state: 'confirmed', nonce: 0 })
    expect([await transfer.got(), await chain.sentBy(key.address)]).toEqual([DOLLAR, 1])
  })

  test('does not answer changes nothing', async () => {
    const key = await newKey()
    const [transfer, waiting] = [await order(key), await order(key, { waitsForFunds: true })]
    await driveTransfers(platform)
    const before = [await transfer.state(), await waiting.state()]
    chain.rpc.isDown = true
    await driveTransfers(platform)
    chain.rpc.isDown = false
    expect([await transfer.state(), await waiting.state()]).toEqual(before)
    await finish()
    expect(await transfer.state()).toMatchObject({ state: 'confirmed' })
  })

  test.each([
    ['ahead', 1000n],
    ['behind', -1000n],
  ])('lies about the head, %s, does not make a transfer confirmed', async (_, offset) => {
    const key = await newKey()
    const transfer = await order(key)
    await driveTransfers(platform)
    chain.rpc.answers.eth_blockNumber = async () => {
      const head = (await chain.client.getBlockNumber()) + offset
      return `0x${(head > 0n ? head : 0n).toString(16)}`
    }
    await driveTransfers(platform)
    await driveTransfers(platform)
    delete chain.rpc.answers.eth_blockNumber
    expect(await transfer.state()).toMatchObject({ state: 'broadcast' })
    await finish()
    expect(await transfer.state()).toMatchObject({ state: 'confirmed' })
    expect(await transfer.got()).toBe(DOLLAR)
  })

  test('forks: what is no longer in the chain is sent again as it was', async () => {
    const key = await newKey()
    const transfer = await order(key)
    const fork = await chain.markFork()
    await driveTransfers(platform)
    await driveTransfers(platform)
    const before = await transfer.state()
    expect(before.blockNumber).not.toBeNull()
    await fork()
    expect(await transfer.got()).toBe(0n)
    await finish()
    expect(await transfer.state()).toMatchObject({ state: 'confirmed', txHash: before.txHash, nonce: before.nonce })
    expect([await transfer.got(), await chain.sentBy(key.address)]).toEqual([DOLLAR, 1])
  })
})

describe('a transaction that nobody takes', () => {
  test('gets another one of the same nonce with a higher fee, of which one is paid', async () => {
    const key = await newKey()
    const transfer = await withoutBlocks(async () => {
      const ordered = await order(key)
      await driveTransfers(platform)
      await makeOld(ordered.ref)
      await driveTransfers(platform)
      return ordered
    })
    const { rows } = await sql<{ count: number }>`
      select count(*) as count from chain_transactions t join chain_transfers f on f.id = t.transfer_id where ref = ${transfer.ref}`.execute(
      system(),
    )
    expect(rows[0]!.count).toBe(2)
    await finish()
    expect(await transfer.state()).toMatchObject({ state: 'confirmed', nonce: 0 })
    expect([await transfer.got(), await chain.sentBy(key.address)]).toEqual([DOLLAR, 1])
  })

  test('is confirmed by whichever of them the chain took', async () => {
    const key = await newKey()
    const transfer = await order(key)
    await driveTransfers(platform)
    const first = (await transfer.state()).txHash
    // Two servers: one replaces what is in a block already, as far as it knew.
    await sql`update chain_transfers set tx_hash = ${`0x${'ab'.repeat(32)}`} where ref = ${transfer.ref}`.execute(system())
    await finish()
    expect(await transfer.state()).toMatchObject({ state: 'confirmed', txHash: first })
    expect(await transfer.got()).toBe(DOLLAR)
  })

  test('has failed for good once its nonce was used by somebody else who has the key', async () => {
    const key = await newKey()
    const transfer = await withoutBlocks(async () => {
      const ordered = await order(key)
      await driveTransfers(platform)
      await chain.client.dropTransaction({ hash: (await ordered.state()).txHash as Address })
      return ordered
    })
    await chain.client.setNonce({ address: key.address as Address, nonce: 1 })
    await makeOld(transfer.ref)
    await chain.mine(CONFIRMATIONS + 1)
    await driveTransfers(platform)
    expect(await transfer.state()).toMatchObject({ state: 'failed', problem: expect.stringContaining('nonce was used') })
    expect(await transfer.got()).toBe(0n)
  })
})

describe('money that arrives', () => {
  test('is read once it is deep in the chain, each transfer once', async () => {
    const { address } = await newKey({ dollars: 0n })
    const from = await chain.client.getBlockNumber()
    await chain.fund(address, 5n)
    await chain.fund(address, 6n)
    const soon = await incomingTransfers(platform, address as Address, from)
    expect(soon.transfers).toEqual([])
    await chain.mine(CONFIRMATIONS)
    const first = await incomingTransfers(platform, address as Address, soon.nextBlock)
    expect(first.transfers.map(({ amount }) => amount)).toEqual([5n, 6n])
    const next = await incomingTransfers(platform, address as Address, first.nextBlock)
    expect(next).toMatchObject({ transfers: [], nextBlock: first.nextBlock })
  })
})

test('no key is stored in the clear, or given to a workspace', async () => {
  const key = await newKey({ dollars: 0n })
  const { rows } = await sql<{ sealed: string }>`select sealed_key as sealed from chain_keys where id = ${key.id}`.execute(system())
  expect(rows[0]!.sealed).toMatch(/^v1\./)
  expect(JSON.stringify(key)).not.toContain(rows[0]!.sealed)
  const own = platform.databases.forAccount(accountId, { userId: accountId })
  await expect(sql`select * from chain_keys`.execute(own)).rejects.toThrow(/permission denied/)
})
