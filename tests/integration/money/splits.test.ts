import { afterAll, beforeAll, expect, test } from 'vitest'
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
  account = await server.createAccount()
})
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

test('with a wallet it pays everybody once, without what is too small, and takes its fee', async () => {
  const wallet = (await createChainKey(platform, { purpose: 'wallet', accountId: account.id as AccountId }))!
  const owned = { kind: 'own', address: wallet.address, network: 'base', keyId: wallet.id }
  await platform.databases.system
    .insertInto('wallets')
    .values({ ...owned, id: newId('wallet'), accountId: account.id })
    .execute()
  const rules = [await newRule(60), await newRule(20), await newRule(10, 50)]
  const splitId = await newSplit('100000000', rules)
  await chain.fund(wallet.address, 50_000_000n)
  await expect(executeSplit(on(platform), { splitId })).rejects.toMatchObject({ code: 'SPLIT_NOT_COVERED' })
  await chain.fund(wallet.address, 50_000_000n)
  expect(await getSplitBalance(on(platform))).toMatchObject({ balance: '100.00' })

  const { cookie } = account
  const policy = { agentId: null, perTransfer: null, perDay: '60', approvalAbove: null, allowedRecipients: null }
  const { id: policyId } = await server.trpc({ cookie }).wallet.setPolicy.mutate(policy)
  await expect(executeSplit(on(platform), { splitId })).rejects.toMatchObject({ code: 'PAYMENT_NEEDS_OWNER' })
  expect((await act({ action: 'list_pending' })).body.splits).toContainEqual(expect.objectContaining({ id: splitId }))
  await server.trpc({ cookie }).wallet.removePolicy.mutate({ policyId })

  const asked = await Promise.allSettled(Array.from({ length: 20 }, () => executeSplit(on(platform), { splitId })))
  const done = asked.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
  expect(done).toHaveLength(1)
  expect(done[0]!.summary).toMatchObject({ pending: 3, skipped: 1, simulated: 0 })
  expect(done[0]!.results[2]).toMatchObject({ status: 'skipped', reason: expect.stringContaining('50.00 USDC') })

  for (let round = 0; round < 5; round++) {
    await driveTransfers(platform)
    await chain.mine(CONFIRMATIONS)
  }
  await endSplits(platform)
  expect((await getExecution(on(platform), { splitId })).summary).toMatchObject({ successful: 3, skipped: 1, failed: 0, pending: 0 })
  const got = await Promise.all([...rules.map(({ address }) => address), FEE_ADDRESS, wallet.address].map(chain.usdcOf))
  expect(got).toEqual([59_700_000n, 19_900_000n, 0n, 500_000n, 19_900_000n])
  expect((await act({ action: 'execute_split', splitId })).status).toBe(400)
})
