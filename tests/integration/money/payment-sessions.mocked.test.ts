import { sql } from 'kysely'
import type { Address, Hex } from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { IncomingTransfer } from '../../../server/integrations/chains/transfers.ts'
import type { Platform } from '../../../server/platform/core/context.ts'
import { depositTypedData } from '../../../server/money/payments/deposit-proof.rules.ts'
import { settleDueSessions } from '../../../server/money/payments/settlement.service.ts'
import { signVoucher, wallet } from '../../contract/wallet.ts'
import { withEnv } from '../../contract/with-env.ts'
import { bookOf, payIn } from '../../helpers/ledger.ts'
import { startTestServer, type Answer, type TestAccount, type TestServer } from '../../helpers/test-server.ts'

const USD = 1_000_000
const PATH = '/api/wallet/sessions'
/** What the chain is said to know of a transaction, by its hash; of others this server is asked, which has no chain. */
const transfers = new Map<string, IncomingTransfer | undefined>()
vi.mock('../../../server/integrations/chains/transfers.ts', async (importOriginal) => {
  const { findTransferTo } = await importOriginal<typeof import('../../../server/integrations/chains/transfers.ts')>()
  const find = async (platform: Platform, hash: string) => {
    const key = hash.toLowerCase()
    return transfers.has(key) ? transfers.get(key) : findTransferTo(platform, hash)
  }
  return { findTransferTo: find }
})

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.close())

async function accountWith(microUsd: number): Promise<TestAccount> {
  const account = await server.createAccount()
  if (microUsd > 0) await payIn(server.platform, account.id, microUsd)
  return account
}

const open = ({ key }: TestAccount, deposit = '10.00', more: Record<string, unknown> = {}) =>
  server.call('POST', PATH, { key, body: { address: wallet.address, deposit, ...more } })
const close = ({ key }: TestAccount, id: string) => server.call('DELETE', `${PATH}?sessionId=${id}`, { key })
const get = async ({ key }: TestAccount, id: string) => (await server.call('GET', `${PATH}?sessionId=${id}`, { key })).body.session
const submit = (body: unknown) => server.call('POST', `${PATH}/voucher`, { body })
const charge = async (id: string, fields = {}) => submit(await signVoucher(id, fields))
const balanceOf = ({ id }: TestAccount) => bookOf(server.platform, `credits:${id}`)
const revenue = () => bookOf(server.platform, 'revenue')
const codesOf = (answers: Answer[]) => [...new Set(answers.filter(({ status }) => status >= 400).map(({ body }) => body.code))]
const accepted = (answers: Answer[]) => answers.filter(({ status }) => status < 300).length

async function openOne(microUsd = 20 * USD, deposit = '10.00'): Promise<{ account: TestAccount; id: string }> {
  const account = await accountWith(microUsd)
  return { account, id: (await open(account, deposit)).body.session.id }
}

describe('opening a session', () => {
  test('puts the deposit aside from the prepaid balance', async () => {
    const account = await accountWith(12 * USD)
    const { status, body } = await open(account, '10.5')
    expect(status).toBe(201)
    expect(body).toEqual({
      session: {
        id: expect.stringMatching(/^ses_[0-9A-Za-z]{33}$/),
        userAddress: wallet.address,
        deposit: '10.50',
        spent: '0.00',
        remaining: '10.50',
        vouchers: [],
        status: 'active',
        createdAt: expect.closeTo(Date.now(), -4),
        lastSettledAt: body.session.createdAt,
      },
    })
    expect(await balanceOf(account)).toBe(1.5 * USD)
    expect(await get(account, body.session.id)).toEqual(body.session)
  })

  test('is refused when the balance does not cover it, and takes nothing', async () => {
    const account = await accountWith(9_999_999)
    expect(await open(account)).toMatchObject({
      status: 402,
      body: { code: 'INSUFFICIENT_CREDITS', balance: '9.999999', needed: '10.00' },
    })
    expect(await balanceOf(account)).toBe(9_999_999)
    expect((await server.call('GET', `${PATH}?address=${wallet.address}`, account)).body).toEqual({ sessions: [] })
  })

  test.each(['0.99', '100.01', '1.001', '0', '-5', '1e1', '٥', ''])('refuses a deposit of "%s"', async (deposit) => {
    expect(await open(await accountWith(200 * USD), deposit)).toMatchObject({ status: 400, body: { fields: [{ field: 'deposit' }] } })
  })

  test.each(['1', '1.00', '100'])('takes a deposit of "%s"', async (deposit) => {
    expect((await open(await accountWith(200 * USD), deposit)).status).toBe(201)
  })

  test('again, in whatever letters the address is, answers with the open one and takes nothing', async () => {
    const { account, id } = await openOne()
    const again = await open(account, '5.00', { address: wallet.address.toLowerCase() })
    expect(again).toMatchObject({ status: 200, body: { session: { id, deposit: '10.00' }, note: expect.any(String) } })
    expect(await balanceOf(account)).toBe(10 * USD)
  })

  test('many times at once gives one session and takes one deposit', async () => {
    const account = await accountWith(100 * USD)
    const answers = await Promise.all(Array.from({ length: 8 }, () => open(account)))
    expect(answers.map(({ status }) => status).sort()).toEqual([...Array(7).fill(200), 201])
    expect(new Set(answers.map(({ body }) => body.session.id)).size).toBe(1)
    expect(await balanceOf(account)).toBe(90 * USD)
  })

  test('with the same Idempotency-Key takes one deposit, even after the session was closed', async () => {
    const account = await accountWith(100 * USD)
    const send = () =>
      server.call('POST', PATH, {
        key: account.key,
        body: { address: wallet.address, deposit: '10.00' },
        headers: { 'idempotency-key': 'deposit' },
      })
    const first = await send()
    await close(account, first.body.session.id)
    expect(await send()).toMatchObject({ status: 201, body: first.body })
    expect(await balanceOf(account)).toBe(100 * USD)
  })

  test('is possible for two accounts with one wallet, and for one account with two', async () => {
    const other = privateKeyToAccount(generatePrivateKey())
    const [one, two] = [await openOne(), await openOne()]
    expect(one.id).not.toBe(two.id)
    expect((await open(one.account, '1.00', { address: other.address })).status).toBe(201)
  })

  test('needs the scope to pay', async () => {
    const { cookie } = await accountWith(20 * USD)
    const { key } = (await server.call('POST', '/api/keys', { cookie, body: { name: 'reader', scopes: ['payments:read'] } })).body
    expect(await server.call('POST', PATH, { key, body: { address: wallet.address, deposit: '1.00' } })).toMatchObject({
      status: 403,
      body: { scope: 'payments:write' },
    })
  })
})

describe('a deposit by a transfer on the chain', () => {
  let hashes = 0
  function transfer(amountMicroUsd: number, from: Address = wallet.address): Hex {
    const hash: Hex = `0x${String(++hashes).padStart(63, '0')}a`
    transfers.set(hash, { chainId: 4217, from, amountMicroUsd, memos: [], minedAt: Date.now() })
    return hash
  }
  function unknownTransfer(): Hex {
    const hash = transfer(0)
    transfers.set(hash, undefined)
    return hash
  }

  const openBy = async (account: TestAccount, depositTx: Hex) => {
    const server = 'localhost:3000'
    const depositSignature = await wallet.signTypedData(depositTypedData({ server, account: account.id, transaction: depositTx }, 4217))
    return open(account, '10.00', { depositTx, depositSignature })
  }

  test('opens the session; what is too much stays in the balance', async () => {
    const account = await accountWith(0)
    const opened = await openBy(account, transfer(12 * USD))
    expect(opened).toMatchObject({ status: 201, body: { session: { deposit: '10.00' } } })
    expect(await balanceOf(account)).toBe(2 * USD)
  })

  test.each([
    ['is not there', () => unknownTransfer(), 'DEPOSIT_NOT_FOUND'],
    ['is too small', () => transfer(10 * USD - 1), 'DEPOSIT_TOO_SMALL'],
    ['comes from another wallet', () => transfer(10 * USD, `0x${'1'.repeat(40)}`), 'DEPOSIT_WRONG_SENDER'],
  ])('that %s is refused', async (_what, depositTx, code) => {
    const account = await accountWith(50 * USD)
    expect(await openBy(account, depositTx())).toMatchObject({ status: 402, body: { code } })
    expect(await balanceOf(account)).toBe(50 * USD)
  })

  test('needs a server that is connected to the chain', async () => {
    const account = await accountWith(50 * USD)
    expect(await open(account, '10.00', { depositTx: `0x${'f'.repeat(64)}` })).toMatchObject({
      status: 503,
      body: { code: 'CHAIN_NOT_CONFIGURED', variable: 'MPP_RECIPIENT' },
    })
    expect(await balanceOf(account)).toBe(50 * USD)
  })

  test('pays once, for one account, in whatever letters its hash is', async () => {
    const accounts = await Promise.all([1, 2, 3, 4].map(() => accountWith(0)))
    const depositTx = transfer(20 * USD)
    const answers = await Promise.all(accounts.map((account) => openBy(account, depositTx)))
    expect([accepted(answers), codesOf(answers)]).toEqual([1, ['DEPOSIT_ALREADY_USED']])
    const winner = accounts[answers.findIndex(({ status }) => status === 201)]!
    await close(winner, answers.find(({ status }) => status === 201)!.body.session.id)
    expect(await openBy(winner, depositTx.replace('a', 'A') as Hex)).toMatchObject({
      body: { code: 'DEPOSIT_ALREADY_USED' },
    })
    expect(await balanceOf(winner)).toBe(20 * USD)
  })
})

describe('a voucher', () => {
  test('charges what the plugin costs', async () => {
    const { account, id } = await openOne()
    const before = Date.now()
    expect(await charge(id)).toMatchObject({
      status: 200,
      body: {
        success: true,
        session: { id, spent: '0.05', remaining: '9.95', pendingVouchers: 1 },
        voucher: { amount: '0.05', plugin: 'agent', description: expect.any(String) },
      },
    })
    expect((await charge(id)).body.session).toEqual({ id, spent: '0.10', remaining: '9.90', pendingVouchers: 2 })
    const { vouchers, spent, remaining } = await get(account, id)
    expect({ spent, remaining }).toEqual({ spent: '0.10', remaining: '9.90' })
    expect(vouchers).toMatchObject([
      { plugin: 'agent', amount: '0.05' },
      { plugin: 'agent', amount: '0.05' },
    ])
    expect(vouchers[0].timestamp).toBeGreaterThanOrEqual(before - 1000)
  })

  test('at the same moment as 200 others leaves not a cent too much or too little', async () => {
    const { account, id } = await openOne(20 * USD, '9.00')
    const vouchers = await Promise.all(Array.from({ length: 200 }, () => signVoucher(id)))
    const before = await revenue()
    const answers = await Promise.all(vouchers.map(submit))
    expect([accepted(answers), codesOf(answers)]).toEqual([180, ['INSUFFICIENT_BALANCE']])
    expect(await get(account, id)).toMatchObject({ spent: '9.00', remaining: '0.00' })
    expect((await close(account, id)).body).toEqual({ success: true, returned: '0.00' })
    expect((await revenue()) - before).toBe(9 * USD)
    expect(await balanceOf(account)).toBe(11 * USD)
  })

  test('counts once, however often it arrives', async () => {
    const { account, id } = await openOne()
    const voucher = await signVoucher(id)
    const answers = await Promise.all(Array.from({ length: 20 }, () => submit(voucher)))
    expect([accepted(answers), codesOf(answers)]).toEqual([1, ['NONCE_USED']])
    expect(await get(account, id)).toMatchObject({ spent: '0.05', vouchers: [{}] })
    const { id: other } = await openOne()
    expect((await charge(other, { nonce: voucher.nonce })).status, 'the same nonce for another session').toBe(200)
  })

  test.each([
    ['the plugin', async (id: string) => ({ ...(await signVoucher(id, { plugin: 'agent' })), plugin: 'tts' })],
    ['the nonce', async (id: string) => ({ ...(await signVoucher(id)), nonce: 'another' })],
    ['the session', async (id: string) => ({ ...(await signVoucher((await openOne()).id)), sessionId: id })],
    ['the amount', (id: string) => signVoucher(id, { amountMicroUsd: 10_000 })],
    ['the chain', (id: string) => signVoucher(id, {}, wallet, 42_431)],
    ['the signature', async (id: string) => ({ ...(await signVoucher(id)), signature: (await signVoucher(id)).signature })],
    ['the wallet', async (id: string) => ({ ...(await signVoucher(id)), userAddress: `0x${'1'.repeat(40)}` })],
    ['all of it', async (id: string) => ({ ...(await signVoucher(id)), signature: '0x9ab4' })],
  ])('is refused when %s was altered', async (_what, makeVoucher) => {
    const { account, id } = await openOne()
    expect(await submit(await makeVoucher(id))).toMatchObject({ status: 400, body: { code: 'SIGNATURE_INVALID' } })
    expect(await get(account, id)).toMatchObject({ spent: '0.00', vouchers: [] })
  })

  test('is refused for every other reason with a code of its own', async () => {
    const { account, id } = await openOne(20 * USD, '1.00')
    const stranger = privateKeyToAccount(generatePrivateKey())
    const codeOf = async (body: unknown) => {
      const answer = await submit(body)
      expect(answer.status).toBe(400)
      return answer.body.code
    }
    expect(await codeOf(await signVoucher(id, { plugin: 'telepathy' }))).toBe('UNKNOWN_PLUGIN')
    expect(await codeOf(await signVoucher(id, {}, stranger))).toBe('ADDRESS_MISMATCH')
    expect(await codeOf(await signVoucher('ses_none'))).toBe('SESSION_NOT_FOUND')
    for (let count = 0; count < 20; count++) await charge(id)
    expect(await codeOf(await signVoucher(id))).toBe('INSUFFICIENT_BALANCE')
    await close(account, id)
    expect(await codeOf(await signVoucher(id))).toBe('SESSION_NOT_ACTIVE')
  })

  test('is signed for the test network where the server is on that one', async () => {
    const { id } = await openOne()
    await withEnv(server, { TEMPO_TESTNET: 'on' }, async () => {
      expect((await submit(await signVoucher(id, {}, wallet, 42_431))).status).toBe(200)
      expect((await submit(await signVoucher(id))).body.code).toBe('SIGNATURE_INVALID')
    })
  })
})

describe('settlement', () => {
  test('moves what was charged once five dollars have gathered', async () => {
    const { account, id } = await openOne()
    const before = await revenue()
    for (let count = 1; count < 100; count++) await charge(id)
    expect((await get(account, id)).vouchers).toHaveLength(99)
    expect((await revenue()) - before).toBe(0)
    await charge(id)
    const settled = await get(account, id)
    expect(settled).toMatchObject({ spent: '5.00', remaining: '5.00', vouchers: [], status: 'active' })
    expect(settled.lastSettledAt).toBeGreaterThan(settled.createdAt)
    expect((await revenue()) - before).toBe(5 * USD)
    expect(await bookOf(server.platform, `session:${id}`)).toBe(5 * USD)
  })

  test('moves less than that when an hour has passed, whichever servers look after it', async () => {
    const [early, late] = [await openOne(), await openOne()]
    for (const { id } of [early, late]) await charge(id)
    const { system } = server.platform.databases
    await sql`update payment_sessions set last_settled_at = now() - interval '61 minutes' where id = ${late.id}`.execute(system)
    const before = await revenue()
    await Promise.all([1, 2, 3].map(() => settleDueSessions(server.platform)))
    expect((await revenue()) - before).toBe(50_000)
    expect(await get(early.account, early.id)).toMatchObject({ vouchers: [{}] })
    expect(await get(late.account, late.id)).toMatchObject({ vouchers: [], spent: '0.05', remaining: '9.95' })
  })
})

describe('closing a session', () => {
  test('settles what is pending and gives the rest back', async () => {
    const { account, id } = await openOne()
    for (let count = 0; count < 3; count++) await charge(id)
    const before = await revenue()
    expect(await close(account, id)).toMatchObject({ status: 200, body: { success: true, returned: '9.85' } })
    expect(await balanceOf(account)).toBe(19_850_000)
    expect((await revenue()) - before).toBe(150_000)
    expect(await get(account, id)).toMatchObject({ status: 'closed', deposit: '10.00', spent: '0.15', vouchers: [] })
    expect((await open(account)).status).toBe(201)
  })

  test('many times at once succeeds once', async () => {
    const { account, id } = await openOne()
    const answers = await Promise.all(Array.from({ length: 6 }, () => close(account, id)))
    expect([accepted(answers), codesOf(answers)]).toEqual([1, ['SESSION_NOT_ACTIVE']])
    expect(answers.filter(({ status }) => status === 400)).toHaveLength(5)
    expect(await balanceOf(account)).toBe(20 * USD)
  })

  test('while vouchers arrive settles those that were accepted, and no other is', async () => {
    const { account, id } = await openOne()
    const vouchers = await Promise.all(Array.from({ length: 60 }, () => signVoucher(id)))
    const before = await revenue()
    const submitted = vouchers.map((voucher, index) => (index === 30 ? close(account, id) : submit(voucher)))
    const answers = await Promise.all(submitted)
    expect(codesOf(answers).every((code) => code === 'SESSION_NOT_ACTIVE')).toBe(true)
    const charged = accepted(answers) - 1
    expect((await revenue()) - before).toBe(charged * 50_000)
    expect(await balanceOf(account)).toBe(20 * USD - charged * 50_000)
  })

  test('is for its owner only, as is looking at it', async () => {
    const { id } = await openOne()
    const other = await accountWith(0)
    expect(await close(other, id)).toMatchObject({ status: 404, body: { code: 'SESSION_NOT_FOUND' } })
    expect(await server.call('GET', `${PATH}?sessionId=${id}`, other)).toMatchObject({ status: 404, body: { code: 'SESSION_NOT_FOUND' } })
    expect((await server.call('GET', `${PATH}?address=${wallet.address}`, other)).body).toEqual({ sessions: [] })
  })
})

test('the sessions of a wallet are listed newest first; one of the two has to be named', async () => {
  const { account, id } = await openOne()
  await close(account, id)
  const second = (await open(account)).body.session
  const { body } = await server.call('GET', `${PATH}?address=${wallet.address.toLowerCase()}`, account)
  expect(body.sessions.map((session: { id: string }) => session.id)).toEqual([second.id, id])
  const unnamed = await server.call('GET', PATH, account)
  expect(unnamed).toMatchObject({ status: 400, body: { fields: [{ field: 'address' }, { field: 'sessionId' }] } })
})
