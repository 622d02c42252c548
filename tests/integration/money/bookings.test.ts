import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { checkLedger } from '../../../server/money/billing/ledger-check.service.ts'
import { settleBookings, watchBookings } from '../../../server/money/bookings/index.ts'
import { refundDeposits } from '../../../server/money/bookings/refund.service.ts'
import { createEscrow } from '../../../server/money/bookings/escrow.service.ts'
import { getBooking } from '../../../server/money/bookings/bookings.service.ts'
import { releaseFunds } from '../../../server/money/bookings/release.service.ts'
import { driveTransfers } from '../../../server/money/transfers/index.ts'
import type { AccountContext, Platform } from '../../../server/platform/core/index.ts'
import { anyAddress, startBaseChain, type BaseChain } from '../../helpers/base-chain.ts'
import { failAfter, ServerDied } from '../../helpers/failing-server.ts'
import { bookOf } from '../../helpers/ledger.ts'
import { startTestServer, type TestAccount, type TestServer } from '../../helpers/test-server.ts'

const CONFIRMATIONS = 3
const DOLLAR = 1_000_000
const FEE_ADDRESS = anyAddress()

let chain: BaseChain
let server: TestServer
let account: TestAccount
/** A server with a chain and fees. The one that answers calls has none: what it does every few seconds would come between. */
let platform: Platform
beforeAll(async () => {
  chain = await startBaseChain()
  server = await startTestServer({ CHAIN_CONFIRMATIONS: String(CONFIRMATIONS) })
  account = await server.createAccount()
  platform = { ...server.platform, env: { ...server.platform.env, BASE_RPC_URL: chain.rpc.url, SETTLEMENT_FEE_ADDRESS: FEE_ADDRESS } }
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
    actor: { kind: 'job', account: { id: account.id, ownerId: null } },
  }) as unknown as AccountContext

const settle = async (body: object) => (await server.call('POST', '/api/skills/booking-settlement', { key: account.key, body })).body

/** A booking of 400 and 150 USDC for two people, of whom one gets a third. @returns whom it pays */
async function newBooking(deposit = 80): Promise<{ bookingId: string; payees: [string, string] }> {
  const payees: [string, string] = [anyAddress(), anyAddress()]
  const [one, other] = payees
  const splitRules = [
    { recipientAddress: one, percentage: 66.67, role: 'artist', name: 'Ines Vale' },
    { recipientAddress: other, percentage: 33.33, role: 'agent', name: 'Northquay' },
  ]
  const booking = { venue: 'Shed 4', date: '2026-07-18', guarantee: 400, backend: 150, deposit, splitRules }
  return { bookingId: (await settle({ action: 'create', booking })).booking.id, payees }
}

/** Makes its address, with ether for gas. */
async function withEscrow(bookingId: string): Promise<string> {
  const { escrowAddress } = await createEscrow(on(platform), { bookingId })
  await chain.fund(escrowAddress!, 0n)
  return escrowAddress!
}

/** USDC arrive, deep enough in the chain. */
async function pay(address: string, usdc: number): Promise<void> {
  await chain.fund(address, BigInt(usdc * DOLLAR))
  await chain.mine(CONFIRMATIONS)
}

const booking = (bookingId: string) => getBooking(on(platform), { bookingId })

/** What a server does, with blocks in between, until everything that was ordered is over. */
async function finish(): Promise<void> {
  for (let round = 0; round < 8; round++) {
    await driveTransfers(platform)
    const open = await platform.databases.system.selectFrom('chainTransfers').where('endedAt', 'is', null).select('id').execute()
    if (open.length === 0) return settleBookings(platform)
    await chain.mine(CONFIRMATIONS)
  }
  throw new Error('something is still open')
}

/** The books are right, and what they say of a booking is what is at its address. */
async function expectBooks(bookingId: string): Promise<void> {
  expect((await checkLedger(platform.databases.system)).problems).toEqual([])
  const { escrowAddress } = await booking(bookingId)
  expect(BigInt(await bookOf(platform, `escrow:${bookingId}`))).toBe(await chain.usdcOf(escrowAddress!))
}

/** With fees of 0.5 % of 550 and 1 % of 400. */
const NEEDED = 550 + 2.75 + 4
const SHARES = [366_685_000n, 183_315_000n]

describe('without a chain', () => {
  test('there is no address, nothing moves, and it is called simulated', async () => {
    const { bookingId, payees } = await newBooking()
    expect(await settle({ action: 'create_escrow', bookingId })).toMatchObject({
      escrowAddress: null,
      status: 'simulated',
      depositAmount: 80,
    })
    const released = await settle({ action: 'release_funds', bookingId })
    expect(released).toMatchObject({ totalPayout: 550, status: 'simulated', releasedAt: null })
    expect(released.splits.map(({ address, amount, status }: Record<string, unknown>) => [address, amount, status])).toEqual([
      [payees[0], 366.685, 'simulated'],
      [payees[1], 183.315, 'simulated'],
    ])
    expect(JSON.stringify(released)).not.toContain('txHash')
    expect(await settle({ action: 'get', bookingId })).toMatchObject({ booking: { status: 'pending', payouts: [], escrowAddress: null } })
  })

  test('the card lists only what the server can do', async () => {
    const { body } = await server.call('GET', '/api/skills/booking-settlement')
    expect(body).toMatchObject({ pricing: { transactionFee: 'none', escrowFee: 'none' }, security: { network: 'none' } })
  })
})

describe('a booking', () => {
  test.each([
    ['shares that are not the whole', { splitRules: [{ recipientAddress: anyAddress(), percentage: 99.99, role: 'artist', name: 'A' }] }],
    [
      'a share of a part of a basis point',
      { splitRules: [{ recipientAddress: anyAddress(), percentage: 33.333, role: 'artist', name: 'A' }] },
    ],
    [
      'an address with a wrong checksum',
      { splitRules: [{ recipientAddress: '0x52908400098527886E0F7030069857d2E4169EE7', percentage: 100, role: 'artist', name: 'A' }] },
    ],
    ['a part of a unit', { guarantee: 0.000_000_1 }],
    ['less than nothing', { guarantee: -1 }],
    ['more than anybody has', { guarantee: 1e12 }],
    ['a text', { guarantee: '400' }],
  ])('with %s is refused', async (_what, change) => {
    const splitRules = [{ recipientAddress: anyAddress(), percentage: 100, role: 'artist', name: 'A' }]
    const body = { action: 'create', booking: { venue: 'Shed 4', date: '2026-07-18', guarantee: 400, splitRules, ...change } }
    expect((await server.call('POST', '/api/skills/booking-settlement', { key: account.key, body })).status).toBe(400)
  })

  test('shows its fees before they are taken, is confirmed by its deposit, and pays everybody exactly', async () => {
    const { bookingId, payees } = await newBooking()
    expect((await booking(bookingId)).fees).toEqual({ transaction: 2.75, escrow: 4, total: 6.75 })
    const escrow = await withEscrow(bookingId)
    expect((await createEscrow(on(platform), { bookingId })).escrowAddress).toBe(escrow)
    await pay(escrow, 80)
    await watchBookings(platform)
    expect(await booking(bookingId)).toMatchObject({ status: 'confirmed', received: 80 })
    await expect(releaseFunds(on(platform), { bookingId })).rejects.toMatchObject({
      code: 'BOOKING_NOT_FUNDED',
      details: { received: '80.00', needed: '556.75' },
    })
    await pay(escrow, NEEDED - 80)
    expect(await releaseFunds(on(platform), { bookingId })).toMatchObject({ status: 'pending', releasedAt: null, totalPayout: 550 })
    await finish()
    expect(await Promise.all(payees.map(chain.usdcOf))).toEqual(SHARES)
    expect(await booking(bookingId)).toMatchObject({
      status: 'settled',
      payouts: [{ status: 'completed' }, { status: 'completed' }, { amount: 6.75 }],
    })
    await expect(releaseFunds(on(platform), { bookingId })).rejects.toMatchObject({ code: 'BOOKING_PAID_OUT' })
    await expectBooks(bookingId)
  })

  test('is paid out once, whoever asks at the same time', async () => {
    const { bookingId, payees } = await newBooking()
    await pay(await withEscrow(bookingId), 2 * NEEDED)
    const asked = await Promise.allSettled(Array.from({ length: 20 }, () => releaseFunds(on(platform), { bookingId })))
    expect(asked.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    const codes = asked.flatMap((result) => (result.status === 'rejected' ? [(result.reason as { code: string }).code] : []))
    expect(new Set(codes)).toEqual(new Set(['BOOKING_PAID_OUT']))
    await finish()
    expect(await Promise.all(payees.map(chain.usdcOf))).toEqual(SHARES)
    await expectBooks(bookingId)
  })

  test('is paid out once, wherever a server dies on the way', async () => {
    const { bookingId, payees } = await newBooking()
    await pay(await withEscrow(bookingId), NEEDED)
    for (const statements of [1, 4, 7, 9, 12]) {
      await releaseFunds(on(failAfter(platform, statements)), { bookingId }).catch((error: unknown) => {
        if (!(error instanceof ServerDied) && (error as { code?: string }).code !== 'BOOKING_PAID_OUT') throw error
      })
      await driveTransfers(failAfter(platform, statements)).catch((error: unknown) => {
        if (!(error instanceof ServerDied)) throw error
      })
    }
    await releaseFunds(on(platform), { bookingId }).catch((error: { code?: string }) => expect(error.code).toBe('BOOKING_PAID_OUT'))
    await sql`update chain_senders set leased_by = null, lease_expires_at = null`.execute(platform.databases.system)
    await finish()
    expect(await Promise.all(payees.map(chain.usdcOf))).toEqual(SHARES)
    expect((await booking(bookingId)).status).toBe('settled')
    await expectBooks(bookingId)
  })

  test('sends back what is too much and what came too late, to where it came from, once', async () => {
    const { bookingId } = await newBooking()
    const escrow = await withEscrow(bookingId)
    await pay(escrow, NEEDED + 10)
    await releaseFunds(on(platform), { bookingId })
    await finish()
    await pay(escrow, 5)
    const [first] = await Promise.all(Array.from({ length: 3 }, () => refundDeposits(on(platform), { bookingId })))
    await finish()
    expect(first!.refunds.map(({ amount }) => amount)).toEqual([5, 10])
    expect(await chain.usdcOf(escrow)).toBe(0n)
    expect((await booking(bookingId)).status).toBe('settled')
    await expectBooks(bookingId)
  })

  test('that is given up sends its deposit back, and waits for another one', async () => {
    const { bookingId } = await newBooking()
    const escrow = await withEscrow(bookingId)
    await pay(escrow, 80)
    const { refunds } = await refundDeposits(on(platform), { bookingId })
    expect(refunds).toMatchObject([{ amount: 80, status: 'pending' }])
    expect(await booking(bookingId)).toMatchObject({ status: 'pending', received: 0 })
    await finish()
    expect(await chain.usdcOf(escrow)).toBe(0n)
    await pay(escrow, 100)
    await watchBookings(platform)
    expect(await booking(bookingId)).toMatchObject({ status: 'confirmed', received: 100 })
    await expectBooks(bookingId)
  })

  test('does not count a deposit that vanishes from the chain before it is deep enough', async () => {
    const { bookingId } = await newBooking()
    const escrow = await withEscrow(bookingId)
    const fork = await chain.markFork()
    await chain.fund(escrow, BigInt(80 * DOLLAR))
    await watchBookings(platform)
    expect(await booking(bookingId)).toMatchObject({ status: 'pending', received: 0 })
    await fork()
    await chain.mine(CONFIRMATIONS + 1)
    await watchBookings(platform)
    expect(await booking(bookingId)).toMatchObject({ status: 'pending', received: 0 })
    await expectBooks(bookingId)
  })

  test('counts a deposit once, however many servers look, and is not released while the chain does not answer', async () => {
    const { bookingId } = await newBooking()
    await pay(await withEscrow(bookingId), NEEDED)
    await Promise.all(Array.from({ length: 5 }, () => watchBookings(platform)))
    expect((await booking(bookingId)).received).toBe(NEEDED)
    const unreachable = { ...platform, env: { ...platform.env, BASE_RPC_URL: 'http://127.0.0.1:9' } }
    await expect(releaseFunds(on(unreachable), { bookingId })).rejects.toMatchObject({ code: 'CHAIN_UNREADABLE', status: 502 })
    expect((await booking(bookingId)).status).toBe('confirmed')
    await expectBooks(bookingId)
  })

  test('waits for ether before it pays, and then pays', async () => {
    const { bookingId, payees } = await newBooking()
    const { escrowAddress } = await createEscrow(on(platform), { bookingId })
    await chain.fund(escrowAddress!, BigInt(NEEDED * DOLLAR), 0n)
    await chain.mine(CONFIRMATIONS)
    await releaseFunds(on(platform), { bookingId })
    await driveTransfers(platform)
    expect((await booking(bookingId)).payouts[0]).toMatchObject({ status: 'pending', error: expect.stringContaining('ether') })
    await chain.fund(escrowAddress!, 0n)
    await chain.mine(CONFIRMATIONS)
    await finish()
    expect(await Promise.all(payees.map(chain.usdcOf))).toEqual(SHARES)
    await expectBooks(bookingId)
  })
})

describe('the database refuses', () => {
  test.each([
    ['shares that are not the whole', `update booking_shares set basis_points = basis_points - 1 where position = 0`, /are not the whole/],
    ['a refund of more than arrived', `update booking_deposits set refunded_units = units + 1`, /booking_deposits_check/],
    ['a release without a time', `update bookings set status = 'completed' where released_at is null`, /bookings_check/],
  ])('%s', async (_what, statement, message) => {
    await expect(sql.raw(statement).execute(platform.databases.system)).rejects.toThrow(message)
  })
})
