import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { approveSplit, declineSplit, expireSplits } from '../../../server/money/splits/approval.service.ts'
import { executeSplit, getExecution, getSplitBalance, endSplits } from '../../../server/money/splits/execution.service.ts'
import { createChainKey, driveTransfers } from '../../../server/money/transfers/index.ts'
import type { AccountContext, AccountId, Platform } from '../../../server/platform/core/index.ts'
import { newId } from '../../../server/platform/core/ids.ts'
import { anyAddress, startBaseChain, type BaseChain } from '../../helpers/base-chain.ts'
import { startTestServer, type TestAccount, type TestServer } from '../../helpers/test-server.ts'

const CONFIRMATIONS = 3
const FEE_ADDRESS = anyAddress()

let chain: BaseChain
let server: TestServer
let account: TestAccount
let platform: Platform
beforeAll(async () => {
  chain = await startBaseChain()
  server = await startTestServer({ CHAIN_CONFIRMATIONS: String(CONFIRMATIONS), SELF_HOSTED_PLAN: 'solo' })
  platform = { ...server.platform, env: { ...server.platform.env, BASE_RPC_URL: chain.rpc.url, SETTLEMENT_FEE_ADDRESS: FEE_ADDRESS } }
})
beforeEach(async () => void (account = await server.createAccount()))
afterAll(async () => {
  await server.close()
  await chain.close()
})

/** A call on a server that leaves it to the test when transfers are seen through. */
const on = (platform: Platform): AccountContext =>
  ({
    platform: { ...platform, shutdown: AbortSignal.abort() },
    db: platform.databases.forAccount(account.id),
    actor: { kind: 'job', account: { id: account.id, ownerId: null, plan: 'solo', subscriptionStatus: 'active', trialEndsAt: null } },
  }) as unknown as AccountContext

const act = (body: object, { key } = account) => server.call('POST', '/api/skills/instant-split', { key, body })

async function newRule(percentage: number, threshold = 0): Promise<{ id: string; address: string }> {
  const address = anyAddress()
  const body = { action: 'create_split_rule', splits: { recipientAddress: address, percentage, name: 'Ines Vale' }, threshold }
  return { id: (await act(body)).body.rule.id, address }
}

const newSplit = async (amount: string, rules: { id: string }[]): Promise<string> =>
  (await act({ action: 'create_split', amount, release: 'Slack Water', ruleIds: rules.map(({ id }) => id) })).body.split.id

/** What a server does, with blocks in between, until everything that was ordered is over. */
async function finish(): Promise<void> {
  for (let round = 0; round < 5; round++) {
    await driveTransfers(platform)
    await chain.mine(CONFIRMATIONS)
  }
  await endSplits(platform)
}

test('without a wallet a split is simulated, and stays as it is', async () => {
  const rules = [await newRule(33.33), await newRule(66.67)]
  const splitId = await newSplit('100000001', rules)
  const { body } = await act({ action: 'execute_split', splitId })
  expect(body).toMatchObject({ executedAt: null, summary: { total: '100.000001 USDC', simulated: 2, successful: 0 } })
  expect(body.results.map(({ amount }: { amount: string }) => amount)).toEqual(['33330000', '66670001'])
  expect(JSON.stringify(body)).not.toContain('txHash')
  expect((await act({ action: 'list_pending' })).body.splits).toContainEqual(expect.objectContaining({ id: splitId, status: 'pending' }))
  expect((await act({ action: 'get_balance' })).body).toMatchObject({ balance: null })
})

test('a simulation shares out to the last unit', async () => {
  const { body } = await act({ action: 'simulate', streams: 1, rate: 0.000_003 })
  expect(body).toMatchObject({ estimatedEarnings: '0.000003', splits: Array.from({ length: 3 }, () => ({ amount: 0.000_001 })) })
})

test.each([
  ['of nothing', '0'],
  ['of a part of a unit', '1.5'],
  ['below zero', '-5'],
  ['of more than there is', '9'.repeat(16)],
  ['of a number', 5],
])('a split %s is refused', async (_what, amount) => {
  const { id } = await newRule(100)
  expect((await act({ action: 'create_split', amount, release: 'Slack Water', ruleIds: [id] })).status).toBe(400)
})

test('a split by more than the whole, or by a rule of somebody else, is refused', async () => {
  const rules = [await newRule(60), await newRule(40.01)]
  const create = { action: 'create_split', amount: '5', release: 'Slack Water', ruleIds: rules.map(({ id }) => id) }
  expect((await act(create)).status).toBe(400)
  const other = await server.createAccount()
  expect((await act({ ...create, ruleIds: [rules[0]!.id] }, other)).status).toBe(404)
})

async function createWallet(): Promise<string> {
  const wallet = (await createChainKey(platform, { purpose: 'wallet', accountId: account.id as AccountId }))!
  const owned = { kind: 'own', address: wallet.address, network: 'base', keyId: wallet.id }
  await platform.databases.system
    .insertInto('wallets')
    .values({ ...owned, id: newId('wallet'), accountId: account.id })
    .execute()
  return wallet.address
}

test('with a wallet it pays everybody once, without what is too small, and takes its fee', async () => {
  const wallet = await createWallet()
  const rules = [await newRule(60), await newRule(20), await newRule(10, 50)]
  const splitId = await newSplit('100000000', rules)
  await chain.fund(wallet, 50_000_000n)
  await expect(executeSplit(on(platform), { splitId })).rejects.toMatchObject({ code: 'SPLIT_NOT_COVERED' })
  await chain.fund(wallet, 50_000_000n)
  expect(await getSplitBalance(on(platform))).toMatchObject({ balance: '100.00' })

  const asked = await Promise.allSettled(Array.from({ length: 20 }, () => executeSplit(on(platform), { splitId })))
  const done = asked.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
  expect(done).toHaveLength(1)
  expect(done[0]!.summary).toMatchObject({ pending: 3, skipped: 1, simulated: 0 })
  expect(done[0]!.results[2]).toMatchObject({ status: 'skipped', reason: expect.stringContaining('50.00 USDC') })

  await finish()
  expect((await getExecution(on(platform), { splitId })).summary).toMatchObject({ successful: 3, skipped: 1, failed: 0, pending: 0 })
  const got = await Promise.all([...rules.map(({ address }) => address), FEE_ADDRESS, wallet].map(chain.usdcOf))
  expect(got).toEqual([59_700_000n, 19_900_000n, 0n, 500_000n, 19_900_000n])
  expect((await act({ action: 'execute_split', splitId })).status).toBe(400)
})

describe('a split that goes beyond the policies', () => {
  let splitId: string
  let payees: string[]
  beforeEach(async () => {
    const wallet = await createWallet()
    await chain.fund(wallet, 100_000_000n)
    const rules = [await newRule(60), await newRule(40)]
    payees = rules.map(({ address }) => address)
    splitId = await newSplit('100000000', rules)
    const policy = { agentId: null, perTransfer: null, perDay: '60', approvalAbove: null, allowedRecipients: null }
    await server.trpc({ cookie: account.cookie }).wallet.setPolicy.mutate(policy)
  })

  const ask = () => executeSplit(on(platform), { splitId })
  const shown = async () => (await act({ action: 'list_pending' })).body.splits[0]
  /** Has it been asked for so long ago that its time is over. */
  const age = () =>
    platform.databases.system
      .updateTable('splits')
      .set({ askedAt: sql<string>`now() - interval '7 days'` })
      .where('id', '=', splitId)
      .execute()

  test('pays nobody until an owner approves it, and everybody once then', async () => {
    const reason = expect.stringContaining('A day may cost 60.00 USDC')
    const waiting = await ask()
    expect(waiting).toMatchObject({ executedAt: null, approval: { state: 'waiting', reason }, summary: { pending: 3, successful: 0 } })
    expect(await ask()).toEqual(waiting)
    expect(await shown()).toMatchObject({ id: splitId, status: 'pending', approval: waiting.approval })
    await finish()
    expect(await Promise.all(payees.map(chain.usdcOf))).toEqual([0n, 0n])

    const decisions = await Promise.allSettled([
      ...Array.from({ length: 10 }, () => approveSplit(on(platform), { splitId })),
      expireSplits(platform),
    ])
    const approvals = decisions.slice(0, 10).filter(({ status }) => status === 'fulfilled')
    expect(approvals).toHaveLength(1)
    await finish()
    expect(await Promise.all(payees.map(chain.usdcOf))).toEqual([59_700_000n, 39_800_000n])
    expect(await getExecution(on(platform), { splitId })).toMatchObject({ approval: { state: 'approved' }, summary: { successful: 3 } })
    expect((await server.trpc({ cookie: account.cookie }).wallet.policies.query({}))[0]).toMatchObject({ spentToday: '100.00' })
    await expect(approveSplit(on(platform), { splitId })).rejects.toMatchObject({ code: 'SPLIT_NOT_WAITING' })
  })

  test('is declined, expires, and may be asked for again', async () => {
    await ask()
    expect(await declineSplit(on(platform), { splitId })).toMatchObject({ approval: { state: 'declined' }, results: [] })
    const refused = { code: 'SPLIT_NOT_WAITING', details: { state: 'declined' } }
    await expect(approveSplit(on(platform), { splitId })).rejects.toMatchObject(refused)

    await ask()
    await age()
    const expired = { state: 'expired', reason: 'No owner decided it within 7 days.', approvableUntil: null }
    expect((await shown()).approval).toMatchObject(expired)
    await expect(approveSplit(on(platform), { splitId })).rejects.toMatchObject({ details: { state: 'expired' } })
    await expireSplits(platform)
    expect((await shown()).approval).toMatchObject(expired)
    await expect(declineSplit(on(platform), { splitId })).rejects.toMatchObject({ details: { state: 'expired' } })

    expect(await ask()).toMatchObject({ approval: { state: 'waiting' } })
    expect(await approveSplit(on(platform), { splitId })).toMatchObject({ approval: { state: 'approved' }, summary: { pending: 3 } })
  })

  test('is approved by owners who are there, and by no key', async () => {
    await ask()
    for (const action of ['approve_split', 'decline_split']) {
      expect((await act({ action, splitId })).status).toBe(401)
      const stranger = await server.createAccount()
      const { status } = await server.call('POST', '/api/skills/instant-split', { cookie: stranger.cookie, body: { action, splitId } })
      expect(status).toBe(404)
    }
    expect((await shown()).approval.state).toBe('waiting')
  })
})
