import { sql } from 'kysely'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { authenticate } from '../../../server/identity/auth/authenticate.ts'
import type { Price } from '../../../server/money/payments/payment.ts'
import { authorizeSession, releaseExpiredVouchers, type SessionCredential } from '../../../server/money/payments/session-payment.service.ts'
import { settleDueSessions } from '../../../server/money/payments/settlement.service.ts'
import { signVoucher, wallet } from '../../contract/wallet.ts'
import { bookOf, payIn } from '../../helpers/ledger.ts'
import { startTestServer, type TestAccount, type TestServer } from '../../helpers/test-server.ts'

const USD = 1_000_000
const PATH = '/api/wallet/sessions'
const price: Price = { plugin: 'agent', amountMicroUsd: 200_000, description: 'One agent call' }

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.close())

async function openOne(deposit = '10.00'): Promise<{ account: TestAccount; id: string; credential: SessionCredential }> {
  const account = await server.createAccount()
  await payIn(server.platform, account.id, 20 * USD)
  const { body } = await server.call('POST', PATH, { key: account.key, body: { address: wallet.address, deposit } })
  const { id } = body.session
  return { account, id, credential: { sessionId: id, walletAddress: wallet.address } }
}

/** As a call of the gateway does it, by nobody or with a key. */
async function authorize(credential: SessionCredential, { key }: { key?: string }, cost = price) {
  const header = (name: string) => (name === 'authorization' && key ? `Bearer ${key}` : null)
  const { signal } = new AbortController()
  return authorizeSession(
    await authenticate(server.platform, {
      isSafeMethod: false,
      header,
      ip: '',
      workspace: null,
      requestId: 'req_1',
      startedAt: performance.now(),
      signal,
    }),
    cost,
    credential,
  )
}

const get = async ({ key }: TestAccount, id: string) => (await server.call('GET', `${PATH}?sessionId=${id}`, { key })).body.session
const close = ({ key }: TestAccount, id: string) => server.call('DELETE', `${PATH}?sessionId=${id}`, { key })
const balanceOf = ({ id }: TestAccount) => bookOf(server.platform, `credits:${id}`)
const revenue = () => bookOf(server.platform, 'revenue')

async function letAnHourPass(id: string): Promise<void> {
  const { system } = server.platform.databases
  await sql`update payment_sessions set last_settled_at = now() - interval '61 minutes' where id = ${id}`.execute(system)
  await settleDueSessions(server.platform)
}

describe('a call paid by a session', () => {
  test('takes the price, and says what is left', async () => {
    const { account, id, credential } = await openOne()
    const payment = await authorize(credential, account)
    expect(payment.method).toBe('session')
    expect(await get(account, id)).toMatchObject({ spent: '0.20', remaining: '9.80' })
    const receipt = await payment.capture()
    expect(receipt).toEqual({
      reference: expect.stringMatching(new RegExp(`^session:${id}:v_[0-9a-z]{26}$`)),
      headers: { 'X-Session-Remaining': '9.80' },
    })
    await payment.release()
    expect(await get(account, id)).toMatchObject({ spent: '0.20', vouchers: [{ plugin: 'agent', amount: '0.20' }] })
  })

  test('costs nothing when the work has failed', async () => {
    const { account, id, credential } = await openOne()
    await (await authorize(credential, account)).release()
    expect(await get(account, id)).toMatchObject({ spent: '0.00', remaining: '10.00', vouchers: [] })
  })

  test('costs nothing when it has failed after the charge was settled', async () => {
    const { account, id, credential } = await openOne()
    const before = await revenue()
    const [failing, working] = [await authorize(credential, account), await authorize(credential, account)]
    await letAnHourPass(id)
    expect((await revenue()) - before).toBe(400_000)
    await failing.release()
    await failing.release()
    await working.capture()
    expect((await revenue()) - before).toBe(200_000)
    expect(await get(account, id)).toMatchObject({ spent: '0.20', remaining: '9.80', vouchers: [] })
    expect((await close(account, id)).body.returned).toBe('9.80')
  })

  test('costs nothing when it has failed after the session was closed', async () => {
    const { account, id, credential } = await openOne()
    const failing = await authorize(credential, account)
    expect((await close(account, id)).body.returned).toBe('9.80')
    await failing.release()
    expect(await balanceOf(account)).toBe(20 * USD)
    expect(await get(account, id)).toMatchObject({ status: 'closed', spent: '0.00' })
  })

  test('costs nothing when it has not ended after two hours', async () => {
    const { account, id, credential } = await openOne()
    const captured = await authorize(credential, account)
    await authorize(credential, account)
    await captured.capture()
    await releaseExpiredVouchers(server.platform)
    expect(await get(account, id)).toMatchObject({ spent: '0.40' })
    const { system } = server.platform.databases
    await sql`update payment_vouchers set created_at = now() - interval '121 minutes' where session_id = ${id}`.execute(system)
    await releaseExpiredVouchers(server.platform)
    expect(await get(account, id)).toMatchObject({ spent: '0.20', remaining: '9.80' })
  })
})

describe('a call nobody is signed in for', () => {
  /** What a wallet signs for one call, as a credential. */
  async function signed(id: string, cost: Partial<Price> = {}, signer = wallet): Promise<SessionCredential> {
    const { plugin, amountMicroUsd } = { ...price, ...cost }
    const { nonce, signature } = await signVoucher(id, { plugin, amountMicroUsd }, signer)
    return { sessionId: id, walletAddress: wallet.address, voucherNonce: nonce, voucherSignature: signature }
  }

  test('is not paid by the id of a session and the address of its wallet, and the refusal says what is missing', async () => {
    const { account, id, credential } = await openOne()
    const refused = authorize(credential, {})
    await expect(refused).rejects.toMatchObject({
      status: 402,
      code: 'session_required',
      message: expect.stringContaining('X-Voucher-Nonce'),
    })
    for (const half of ['voucherNonce', 'voucherSignature'] as const)
      await expect(authorize({ ...(await signed(id)), [half]: undefined }, account)).rejects.toMatchObject({ code: 'session_required' })
    expect(await get(account, id)).toMatchObject({ spent: '0.00' })
  })

  test('is paid by a voucher, once, however often it arrives at the same moment', async () => {
    const { account, id } = await openOne()
    const voucher = await signed(id)
    const calls = await Promise.allSettled(Array.from({ length: 20 }, () => authorize(voucher, {})))
    const good = calls.filter((call) => call.status === 'fulfilled')
    expect(good).toHaveLength(1)
    for (const call of calls) if (call.status === 'rejected') expect(call.reason).toMatchObject({ status: 402, code: 'voucher_failed' })
    await good[0]!.value.capture()
    await expect(authorize(voucher, {})).rejects.toMatchObject({ code: 'voucher_failed' })
    expect(await get(account, id)).toMatchObject({ spent: '0.20' })
  })

  test('that fails leaves its voucher good', async () => {
    const { account, id } = await openOne()
    const voucher = await signed(id)
    await (await authorize(voucher, {})).release()
    expect(await get(account, id)).toMatchObject({ spent: '0.00' })
    await (await authorize(voucher, {})).capture()
    expect(await get(account, id)).toMatchObject({ spent: '0.20' })
  })

  test('can be one of another account, which does not become the payer’s', async () => {
    const { account, id } = await openOne()
    const other = await server.createAccount()
    await (await authorize(await signed(id), other)).capture()
    expect(await get(account, id)).toMatchObject({ spent: '0.20' })
  })

  test.each([
    ['another price', (id: string) => signed(id, { amountMicroUsd: 10_000 })],
    ['another plugin', (id: string) => signed(id, { plugin: 'tts' })],
    ['another session', async (id: string) => ({ ...(await signed((await openOne()).id)), sessionId: id })],
    ['nothing', async (id: string) => ({ ...(await signed(id)), voucherSignature: '0x9ab4' })],
    ['another wallet', (id: string) => signed(id, {}, privateKeyToAccount(generatePrivateKey()))],
  ])('is not paid by a voucher for %s', async (_what, makeVoucher) => {
    const { account, id } = await openOne()
    await expect(authorize(await makeVoucher(id), account)).rejects.toMatchObject({ status: 402, code: 'voucher_failed' })
    expect(await get(account, id)).toMatchObject({ spent: '0.00' })
  })
})

describe('a call is refused', () => {
  test.each([
    ['without a session', (credential: SessionCredential) => ({ walletAddress: credential.walletAddress }), 'session_required'],
    ['without a wallet', (credential: SessionCredential) => ({ sessionId: credential.sessionId }), 'session_required'],
    ['with an unknown session', (credential: SessionCredential) => ({ ...credential, sessionId: 'ses_none' }), 'session_invalid'],
    [
      'with another wallet',
      (credential: SessionCredential) => ({ ...credential, walletAddress: `0x${'1'.repeat(40)}` }),
      'session_invalid',
    ],
  ])('%s', async (_what, change, code) => {
    const { account, id, credential } = await openOne()
    await expect(authorize(change(credential), account)).rejects.toMatchObject({ status: 402, code })
    expect(await get(account, id)).toMatchObject({ spent: '0.00' })
  })

  test('with the session of another account, and with a closed one', async () => {
    const { account, id, credential } = await openOne()
    const other = await server.createAccount()
    await expect(authorize(credential, other)).rejects.toMatchObject({ code: 'session_invalid' })
    await (await authorize(credential, account)).capture()
    await close(account, id)
    await expect(authorize(credential, account)).rejects.toMatchObject({ code: 'session_invalid' })
  })

  test('when too little is left, with what there is and what it costs', async () => {
    const { account, credential } = await openOne('1.00')
    await (await authorize(credential, account, { ...price, amountMicroUsd: 980_000 })).capture()
    await expect(authorize(credential, account, { ...price, amountMicroUsd: 50_000 })).rejects.toMatchObject({
      status: 402,
      code: 'insufficient_balance',
      details: { session: { remaining: '0.02', cost: '0.05' } },
    })
  })

  test('when others at the same moment have spent the last of it', async () => {
    const { account, id, credential } = await openOne('1.00')
    const calls = await Promise.allSettled(Array.from({ length: 12 }, () => authorize(credential, account)))
    expect(calls.filter(({ status }) => status === 'fulfilled')).toHaveLength(5)
    const codes = calls.flatMap((call) => (call.status === 'rejected' ? [call.reason.code] : []))
    expect(codes.every((code) => code === 'voucher_failed' || code === 'insufficient_balance')).toBe(true)
    expect(await get(account, id)).toMatchObject({ spent: '1.00', remaining: '0.00' })
  })
})
