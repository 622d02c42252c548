import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { getAddress, type Address } from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { expireSends } from '../../../server/money/wallets/index.ts'
import { newId } from '../../../server/platform/core/ids.ts'
import { withEnv } from '../../contract/with-env.ts'
import { startFakeCoinbase, type FakeCoinbase } from '../../fakes/coinbase.ts'
import { anyAddress, startBaseChain, usdc, type BaseChain } from '../../helpers/base-chain.ts'
import { cookieOf, signInWithWallet } from '../../helpers/wallets.ts'
import { startTestServer, type Answer, type TestAccount, type TestServer } from '../../helpers/test-server.ts'

let chain: BaseChain
let coinbase: FakeCoinbase
let server: TestServer
let owner: TestAccount
beforeAll(async () => {
  chain = await startBaseChain()
  coinbase = await startFakeCoinbase()
  server = await startTestServer({ BASE_RPC_URL: chain.rpc.url, CHAIN_CONFIRMATIONS: '2' })
})
afterAll(async () => {
  await server.close()
  await coinbase.close()
  await chain.close()
})
beforeEach(async () => void (owner = await server.createAccount()))

const get = async (path: string, caller: object = owner) => server.call('GET', path, caller)
const post = async (path: string, body: unknown, caller: object = owner) => server.call('POST', path, { ...caller, body })
const createWallet = async (): Promise<Address> => (await post('/api/wallet', { action: 'create' })).body.address

describe('the wallet of a workspace', () => {
  test('is made once, keeps its key to itself, and is there for looking at', async () => {
    expect((await get('/api/wallet')).body).toEqual({
      address: null,
      balance: '0',
      network: 'base',
      hasWallet: false,
      message: 'No wallet yet',
    })
    expect((await post('/api/wallet', { action: 'info' })).status).toBe(404)
    const created = await post('/api/wallet', { action: 'create' })
    expect(created).toMatchObject({ status: 200, body: { network: 'base', message: 'Wallet ready' } })
    const { address } = created.body
    expect(address).toBe(getAddress(address))
    expect((await post('/api/wallet', { action: 'create' })).body).toMatchObject({ code: 'WALLET_EXISTS' })
    const [info, seed] = [await post('/api/wallet', { action: 'info' }), await post('/api/wallet', { action: 'get_seed' })]
    expect(info.body).toEqual({ address, network: 'base', createdAt: expect.any(String), warning: expect.stringContaining('never shown') })
    expect(seed.body).toEqual(info.body)
    expect(await post('/api/wallet', { action: 'export_seed' })).toMatchObject({ status: 403, body: { code: 'SEED_NOT_EXPORTED' } })
    expect((await post('/api/wallet', { action: 'sell' })).status).toBe(400)
    expect((await post('/api/wallet', { action: 'create' }, {})).status).toBe(401)
  })

  test('is one, however many make it at once', async () => {
    const answers = await Promise.all(Array.from({ length: 5 }, () => post('/api/wallet', { action: 'create' })))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 400, 400, 400, 400])
  })

  test('shows what it has, or why that is not known', async () => {
    const address = await createWallet()
    await chain.fund(address, 41_500_000n)
    expect((await get('/api/wallet')).body).toMatchObject({ address, balance: '41.500000', hasWallet: true })
    chain.rpc.isDown = true
    const unknown = (await get('/api/wallet')).body
    chain.rpc.isDown = false
    expect(unknown).toMatchObject({ address, balance: null, message: expect.stringContaining('does not answer') })
  })

  test('is the address one gets money at, before the wallet one signs in with', async () => {
    const signer = privateKeyToAccount(generatePrivateKey())
    const cookie = cookieOf(await signInWithWallet(server, signer))
    expect((await get('/api/wallet/address', { cookie })).body).toEqual({
      authenticated: true,
      address: signer.address,
      network: 'base',
      type: 'external',
      source: 'session',
    })
    await server.call('POST', '/api/wallet', { cookie, body: { action: 'create' } })
    expect((await get('/api/wallet/address', { cookie })).body).toMatchObject({ type: 'managed', source: 'managed' })
    expect((await get('/api/wallet/address')).body).toEqual({ authenticated: true, address: null, message: 'No wallet is linked' })
    expect(await get('/api/wallet/address', {})).toMatchObject({ status: 401, body: { authenticated: false, needsAuth: true } })
  })
})

describe('any address', () => {
  test('shows its balances to anybody, and those that are 0 apart', async () => {
    const address = anyAddress()
    await chain.fund(address, 41_500_000n, 0n)
    const { status, body } = await get(`/api/wallet?address=${address}`, {})
    expect(status).toBe(200)
    expect(body).toMatchObject({ address, chain: 'Base', chainId: 8453, testnet: false, nativeBalance: { balance: '0', balanceRaw: '0' } })
    expect(body.primaryToken).toMatchObject({ address: getAddress(usdc), balance: '41.500000', balanceRaw: '41500000' })
    expect(body.assets.map(({ symbol }: { symbol: string }) => symbol)).toEqual(['ETH', 'USDC'])
    expect(body.allTokens.map(({ symbol }: { symbol: string }) => symbol)).toEqual(['USDC'])
    expect((await get('/api/wallet?address=0x12', {})).status).toBe(400)
    expect((await get('/api/wallet', {})).status).toBe(401)
  })

  test('shows what moved lately, USDC and ether, newest first', async () => {
    const from = privateKeyToAccount(generatePrivateKey())
    const to = anyAddress()
    await chain.fund(from.address, 5_000_000n)
    const hash = await chain.client.sendTransaction({ account: from, to, value: 10n ** 15n })
    await chain.client.waitForTransactionReceipt({ hash })
    const { body } = await get(`/api/wallet/transactions?address=${from.address}`, {})
    expect(body).toMatchObject({ chainId: 8453, sources: { usdc: expect.any(String), eth: expect.any(String) } })
    expect(body.transactions).toMatchObject([
      { hash, asset: 'ETH', direction: 'sent', amount: '0.001', to: getAddress(to), source: 'recent-native-scan', status: 'confirmed' },
      { asset: 'USDC', direction: 'received', amount: '5.000000', amountRaw: '5000000', source: 'token-log' },
    ])
    const one = (await get(`/api/wallet/transactions?address=${from.address}&limit=1`, {})).body
    expect(one.transactions).toHaveLength(1)
    expect((await get('/api/wallet/transactions?limit=5', {})).status).toBe(400)
    chain.rpc.isDown = true
    const down = await get(`/api/wallet/transactions?address=${from.address}`, {})
    chain.rpc.isDown = false
    expect(down).toMatchObject({ status: 503, body: { code: 'CHAIN_UNAVAILABLE' } })
  })
})

describe('wallets at Coinbase', () => {
  test('are not there until they are set up, and the answer says what to set', async () => {
    expect((await get('/api/wallet/cdp', {})).body).toEqual({ status: 'unavailable', type: 'evm_wallet', supportedChains: ['base'] })
    const refused = await post('/api/wallet/create', { email: 'ines@example.org' })
    expect(refused).toMatchObject({ status: 500, body: { setup: 'Set CDP_API_KEY_ID.' } })
  })

  test('are made once per workspace, also when an answer gets lost', async () => {
    await withEnv(server, coinbase.variables, async () => {
      expect((await get('/api/wallet/cdp', {})).body).toMatchObject({ status: 'ok', supportedChains: ['base'] })
      expect((await get('/api/wallet', {})).body.agenticWallet).toEqual({
        status: 'configured',
        projectId: 'b1f3c5...',
        features: ['create_wallet', 'get_balance'],
      })
      coinbase.losesAnswer = true
      await post('/api/wallet/create', { email: 'ines@example.org' })
      const made = await post('/api/wallet/create', { email: 'ines@example.org' })
      expect(made).toMatchObject({ status: 200, body: { success: true, networks: ['base-sepolia', 'base'] } })
      expect([...coinbase.accounts.values()]).toEqual([made.body.walletAddress])
      expect((await post('/api/wallet/create', { email: 'ines@example.org' })).body).toEqual(made.body)
      expect((await post('/api/wallet/create', { email: 'nobody' })).status).toBe(400)
    })
  })

  test('that cannot be made say so, and nothing of the failure', async () => {
    await withEnv(server, coinbase.variables, async () => {
      coinbase.isBroken = true
      const [status, made] = [await get('/api/wallet/cdp', {}), await post('/api/wallet/create', { email: 'ines@example.org' })]
      coinbase.isBroken = false
      expect(status.body.status).toBe('unavailable')
      expect(made).toMatchObject({ status: 500, body: { code: 'WALLET_PROVIDER_FAILED' } })
    })
  })

  test('a key that is brought along is kept sealed, once, and a wrong one refused', async () => {
    const privateKey = generatePrivateKey()
    const { address } = privateKeyToAccount(privateKey)
    expect((await post('/api/wallet/cdp', { privateKey })).body).toEqual({ success: true, address, network: 'base-sepolia' })
    const again = await post('/api/wallet/cdp', { privateKey })
    expect(again).toMatchObject({ status: 400, body: { code: 'WALLET_KEY_KNOWN' } })
    expect(JSON.stringify(again.body)).not.toContain(privateKey.slice(2))
    for (const wrong of ['0x12', `0x${'0'.repeat(64)}`, `0x${'f'.repeat(64)}`])
      expect((await post('/api/wallet/cdp', { privateKey: wrong })).status).toBe(400)
    expect((await post('/api/wallet/cdp', {})).body).toMatchObject({ success: true, network: 'base-sepolia' })
  })
})

describe('money from the wallet', () => {
  let address: Address
  beforeEach(async () => {
    address = await createWallet()
    await chain.fund(address, 100_000_000n)
  })

  const send = (body: unknown, caller: object = owner) => post('/api/wallet/sends', body, caller)
  const setPolicy = (policy: object) => {
    const none = { agentId: null, perTransfer: null, perDay: null, approvalAbove: null, allowedRecipients: null }
    return server.call('PUT', '/api/wallet/policies', { cookie: owner.cookie, body: { ...none, ...policy } })
  }

  /** Waits until a payment has ended, as somebody would who looks at it again and again. */
  async function ended(id: string) {
    for (;;) {
      const { body } = await get(`/api/wallet/sends/${id}`)
      if (body.endedAt !== null) return body
      await chain.mine(1)
      const { driveTransfers } = await import('../../../server/money/transfers/index.ts')
      await driveTransfers(server.platform)
    }
  }

  test('is sent, and can be followed to the end', async () => {
    const to = getAddress(anyAddress())
    const preview = (await get(`/api/wallet/sends/preview?to=${to}&amount=2.5`)).body
    expect(preview).toMatchObject({ to, amount: '2.50', balance: '100.00', gasBalanceEth: '1', needsApproval: null, problem: null })
    expect(Number(preview.maxFeeEth)).toBeGreaterThan(0)
    const sent = await send({ to, amount: '2.5' })
    expect(sent).toMatchObject({ status: 201, body: { to, amount: '2.50', reason: null, agentId: null } })
    const done = await ended(sent.body.id)
    expect(done).toMatchObject({ state: 'confirmed', explorerUrl: `https://basescan.org/tx/${done.txHash}` })
    expect(Number(done.feeEth)).toBeGreaterThan(0)
    expect(await chain.usdcOf(to)).toBe(2_500_000n)
    expect((await get('/api/wallet/sends')).body.sends).toEqual([done])
    expect((await get(`/api/wallet/sends/${sent.body.id}`, await server.createAccount())).status).toBe(404)
  })

  test.each(['-1', '0', '0.0', '1e3', 'NaN', 'Infinity', '1.0000001', '1,5', ' 1', '01', '9'.repeat(20), '', '1 USDC'])(
    'is not sent for the amount %o',
    async (amount) => expect(await send({ to: anyAddress(), amount })).toMatchObject({ status: 400 }),
  )

  test('is not sent for an amount that is no text, a wrong checksum, or nobody', async () => {
    const right = '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed'
    const wrong = right.replace('0x5aA', '0x5aa')
    expect((await send({ to: right, amount: 1 })).status).toBe(400)
    for (const to of [wrong, `0x${'0'.repeat(40)}`, '0x12']) expect((await send({ to, amount: '1' })).status, to).toBe(400)
    expect((await send({ to: right.toLowerCase(), amount: '1' })).status).toBe(201)
  })

  test('that is not there is not sent, nor without gas', async () => {
    expect(await send({ to: anyAddress(), amount: '100.000001' })).toMatchObject({ status: 402, body: { code: 'WALLET_FUNDS_TOO_LOW' } })
    await chain.fund(address, 0n, 0n)
    expect(await send({ to: anyAddress(), amount: '1' })).toMatchObject({ status: 402, body: { error: expect.stringContaining('gas') } })
    chain.rpc.isDown = true
    const down = await send({ to: anyAddress(), amount: '1' })
    chain.rpc.isDown = false
    expect(down).toMatchObject({ status: 503 })
    expect((await get('/api/wallet/sends')).body.sends).toEqual([])
  })

  test('is sent once, however often the same call is repeated', async () => {
    const to = anyAddress()
    const headers = { 'idempotency-key': 'rent' }
    const call = () => server.call('POST', '/api/wallet/sends', { key: owner.key, body: { to, amount: '3' }, headers })
    const [first, second] = [await call(), await call()]
    expect(second.body.id).toBe(first.body.id)
    await ended(first.body.id)
    expect(await chain.usdcOf(to)).toBe(3_000_000n)
  })

  test('waits for an owner above what the policy allows, who approves or declines once', async () => {
    const to = anyAddress()
    await setPolicy({ approvalAbove: '10', allowedRecipients: [to] })
    expect((await send({ to, amount: '10' })).status).toBe(201)
    const waiting = await send({ to, amount: '10.000001' })
    expect(waiting).toMatchObject({ status: 202, body: { state: 'waiting', reason: expect.stringContaining('10.00 USDC') } })
    const other = await send({ to: anyAddress(), amount: '1' })
    expect(other).toMatchObject({ status: 202, body: { reason: expect.stringContaining('recipient') } })
    const approve = (id: string, caller: object) => post(`/api/wallet/sends/${id}/approve`, {}, caller)
    expect((await approve(waiting.body.id, { key: owner.key })).status).toBe(401)
    expect((await approve(waiting.body.id, { cookie: (await server.createAccount()).cookie })).status).toBe(404)
    const outcomes = await Promise.all([1, 2, 3].map(() => approve(waiting.body.id, { cookie: owner.cookie })))
    expect(outcomes.map(({ status }) => status).sort()).toEqual([200, 409, 409])
    const declined = await post(`/api/wallet/sends/${other.body.id}/decline`, {}, { cookie: owner.cookie })
    expect(declined.body).toMatchObject({ state: 'declined' })
    expect(await ended(waiting.body.id)).toMatchObject({ state: 'confirmed' })
    expect(await chain.usdcOf(to)).toBe(20_000_001n)
  })

  describe('that waits for an owner', () => {
    const approve = (id: string) => post(`/api/wallet/sends/${id}/approve`, {}, { cookie: owner.cookie })
    /** Has it been asked for so long ago that its time is over in so many milliseconds. */
    const ageTo = (ids: string[], leftMs: number) =>
      server.platform.databases.system
        .updateTable('walletSends')
        .set({ createdAt: sql<string>`now() - interval '7 days' + make_interval(secs => ${leftMs}::float8 / 1000)` })
        .where('id', 'in', ids)
        .execute()
    const orderedOf = async (ids: string[]) => {
      const refs = ids.map((id) => `wallet:${id}`)
      return server.platform.databases.system.selectFrom('chainTransfers').where('ref', 'in', refs).select('ref').execute()
    }

    test('expires after seven days, says so, and is never sent afterwards', async () => {
      await setPolicy({ approvalAbove: '1' })
      const { id, createdAt, approvableUntil } = (await send({ to: anyAddress(), amount: '2' })).body
      expect(Date.parse(approvableUntil) - Date.parse(createdAt)).toBe(7 * 86_400_000)
      await ageTo([id], 60_000)
      await expireSends(server.platform)
      expect((await get(`/api/wallet/sends/${id}`)).body.state).toBe('waiting')

      await ageTo([id], -1)
      const expired = { state: 'expired', reason: 'No owner decided it within 7 days.', approvableUntil: null }
      const expectExpired = async () => {
        expect((await get(`/api/wallet/sends/${id}`)).body).toMatchObject(expired)
        expect((await get('/api/wallet/sends')).body.sends).toMatchObject([expired])
        expect(await approve(id)).toMatchObject({ status: 409, body: { code: 'SEND_DECIDED', state: 'expired' } })
      }
      await expectExpired()
      expect((await post(`/api/wallet/sends/${id}/decline`, {}, { cookie: owner.cookie })).status).toBe(409)
      await expireSends(server.platform)
      await expectExpired()
      expect(await orderedOf([id])).toEqual([])
    })

    test('is either sent or expired, when it is approved at the last moment', async () => {
      await setPolicy({ approvalAbove: '1' })
      const asked = await Promise.all(Array.from({ length: 20 }, () => send({ to: anyAddress(), amount: '2' })))
      const ids = asked.map(({ body }) => body.id as string)
      await ageTo(ids, 50)
      const answers = await Promise.all(ids.flatMap((id) => [approve(id), expireSends(server.platform)]))
      const approved = ids.filter((_, index) => (answers[index * 2] as Answer).status === 200)
      await ageTo(ids, -1)
      await expireSends(server.platform)
      expect((await orderedOf(ids)).map(({ ref }) => ref).sort()).toEqual(approved.map((id) => `wallet:${id}`).sort())
      const sends = (await get('/api/wallet/sends')).body.sends as { id: string; state: string }[]
      const expired = sends.filter(({ state }) => state === 'expired').map(({ id }) => id)
      expect([...expired, ...approved].sort()).toEqual([...ids].sort())
    })
  })

  test('of twenty payments at once no more is sent than a day may cost', async () => {
    await setPolicy({ perDay: '50' })
    const answers = await Promise.all(Array.from({ length: 20 }, () => send({ to: anyAddress(), amount: '5' })))
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(10)
    expect(answers.filter(({ status }) => status === 202)).toHaveLength(10)
    expect((await get('/api/wallet/policies')).body.policies).toMatchObject([{ perDay: '50.00', spentToday: '50.00' }])
  })

  describe('for an agent', () => {
    let agent: { id: string; key: string }
    beforeEach(async () => {
      const { body } = await post('/api/agents/provision', { name: 'Spender', model: 'local/commands' })
      const { createAgentKey } = await import('../../../server/identity/keys/index.ts')
      const { jobContext } = await import('../../../server/platform/account/index.ts')
      const key = await createAgentKey((await jobContext(server.platform, owner.id))!, body.agent.id)
      agent = { id: body.agent.id, key }
    })

    test('is not sent without a policy, and no further than policies of both go', async () => {
      const to = anyAddress()
      const ask = (amount: string) => send({ to, amount }, { key: agent.key })
      expect(await ask('1')).toMatchObject({ status: 202, body: { agentId: agent.id, reason: expect.stringContaining('No policy') } })
      await setPolicy({ agentId: agent.id, perTransfer: '2', perDay: '5' })
      expect((await ask('2')).status).toBe(201)
      expect((await ask('2.01')).status).toBe(202)
      await setPolicy({ perTransfer: '1' })
      expect((await ask('1.5')).status).toBe(202)
      expect((await ask('1')).status).toBe(201)
      const own = await send({ to, amount: '1' })
      expect(own.body.agentId).toBeNull()
      expect((await get(`/api/wallet/sends/${own.body.id}`, { key: agent.key })).status).toBe(404)
      const policies = (await get('/api/wallet/policies')).body.policies
      expect(policies).toMatchObject([
        { agentId: null, spentToday: '4.00' },
        { agentId: agent.id, spentToday: '3.00' },
      ])
    })

    test('cannot be let by the agent itself', async () => {
      const caller = { key: agent.key }
      const waiting = await send({ to: anyAddress(), amount: '1' }, caller)
      expect((await post(`/api/wallet/sends/${waiting.body.id}/approve`, {}, caller)).status).toBe(401)
      const none = { perTransfer: null, perDay: null, approvalAbove: null, allowedRecipients: null }
      expect((await server.call('PUT', '/api/wallet/policies', { ...caller, body: { agentId: null, ...none } })).status).toBe(401)
      expect((await post('/api/wallet', { action: 'create' }, caller)).status).toBe(403)
    })

    test('a policy names an agent of the workspace, and goes', async () => {
      expect((await setPolicy({ agentId: newId('job') })).status).toBe(404)
      const { id } = (await setPolicy({ agentId: agent.id, perDay: '5' })).body
      const remove = () => server.call('DELETE', `/api/wallet/policies/${id}`, { cookie: owner.cookie })
      expect([(await remove()).status, (await remove()).status]).toEqual([200, 404])
    })
  })
})
