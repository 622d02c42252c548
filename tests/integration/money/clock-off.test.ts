import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { expireSends } from '../../../server/money/wallets/index.ts'
import { watchBookings } from '../../../server/money/bookings/index.ts'
import { driveTransfers } from '../../../server/money/transfers/index.ts'
import { anyAddress, startBaseChain, type BaseChain } from '../../helpers/base-chain.ts'
import { later } from '../../helpers/clock.ts'
import { startTestServer, type TestAccount, type TestServer } from '../../helpers/test-server.ts'

const DAY_SECONDS = 86_400
const CONFIRMATIONS = 2

let chain: BaseChain
let server: TestServer
let owner: TestAccount
beforeAll(async () => {
  chain = await startBaseChain()
  server = await startTestServer({ BASE_RPC_URL: chain.rpc.url, CHAIN_CONFIRMATIONS: String(CONFIRMATIONS) })
})
afterAll(async () => {
  await server.close()
  await chain.close()
})
beforeEach(async () => void (owner = await server.createAccount()))

const post = (path: string, body: unknown) => server.call('POST', path, { key: owner.key, body })

describe.each([
  ['ahead', DAY_SECONDS],
  ['behind', -DAY_SECONDS],
])('on a server whose clock is a day %s', (_which, seconds) => {
  /** Does something on such a server. */
  const off = <T>(run: () => Promise<T>): Promise<T> => later(seconds, run)

  // The embedded database has no other clock than its server.
  test.runIf(process.env.TEST_DATABASE_URL)('a day of the wallet costs no more, and what waits goes on waiting', async () => {
    const { address } = (await post('/api/wallet', { action: 'create' })).body
    await chain.fund(address, 100_000_000n)
    const policy = { agentId: null, perTransfer: null, perDay: '5', approvalAbove: null, allowedRecipients: null }
    await server.trpc({ cookie: owner.cookie }).wallet.setPolicy.mutate(policy)
    const send = (amount: string) => post('/api/wallet/sends', { to: anyAddress(), amount })
    expect((await off(() => send('3'))).status).toBe(201)
    expect((await send('2')).status).toBe(201)
    const waiting = await off(() => send('0.01'))
    expect(waiting).toMatchObject({ status: 202, body: { reason: expect.stringContaining('today 5.00 USDC are spent') } })
    await later(8 * seconds, () => expireSends(server.platform))
    const kept = await later(8 * seconds, () => server.call('GET', `/api/wallet/sends/${waiting.body.id}`, { key: owner.key }))
    expect(kept.body).toMatchObject({ state: 'waiting', approvableUntil: waiting.body.approvableUntil })
  })

  test('a deposit counts once it is deep enough, and is released once', async () => {
    const settle = async (body: object) => (await post('/api/skills/booking-settlement', body)).body
    const artist = anyAddress()
    const splitRules = [{ recipientAddress: artist, percentage: 100, role: 'artist', name: 'Ines Vale' }]
    const booking = { venue: 'Shed 4', date: '2026-07-18', guarantee: 400, splitRules }
    const { id: bookingId } = (await off(() => settle({ action: 'create', booking }))).booking
    const { escrowAddress } = await off(() => settle({ action: 'create_escrow', bookingId }))
    await chain.fund(escrowAddress, 400_000_000n)
    await chain.mine(CONFIRMATIONS)
    await off(() => watchBookings(server.platform))
    expect((await settle({ action: 'get', bookingId })).booking).toMatchObject({ status: 'confirmed', received: 400 })
    const released = await off(() => Promise.all([1, 2, 3].map(() => settle({ action: 'release_funds', bookingId }))))
    expect(released.filter(({ success }) => success === true)).toHaveLength(1)
    await expect
      .poll(async () => {
        await off(() => driveTransfers(server.platform))
        await chain.mine(CONFIRMATIONS)
        return (await settle({ action: 'get', bookingId })).booking.payouts[0].status
      })
      .toBe('completed')
    expect(await chain.usdcOf(artist)).toBe(400_000_000n)
    expect(await chain.sentBy(escrowAddress)).toBe(1)
  })
})
