import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { databasesOn } from '../../../db/client.ts'
import { openPostgres } from '../../../db/postgres.ts'
import { releaseExpiredHolds, releaseHold, reserveCredits, settleHold } from '../../../server/money/billing/ledger.service.ts'
import type { AccountContext, AccountId, Platform } from '../../../server/platform/core/context.ts'
import { newId } from '../../../server/platform/core/ids.ts'
import { renewServerLease } from '../../../server/platform/host/server-lease.ts'
import { authorizeSession, releaseExpiredVouchers } from '../../../server/money/payments/session-payment.service.ts'
import { wallet } from '../../contract/wallet.ts'
import { bookOf, payIn } from '../../helpers/ledger.ts'
import { startTestServer, type TestAccount, type TestServer } from '../../helpers/test-server.ts'

const USD = 1_000_000
const MANY = 20

let server: TestServer
let account: TestAccount
/** Two servers of one database: this one looks after what the other leaves behind. */
let judge: Platform
let other: Platform
let closeOther = async (): Promise<void> => undefined
beforeAll(async () => {
  server = await startTestServer()
  const { rows } = await sql<{ name: string }>`select current_database() as name`.execute(server.platform.databases.system)
  if (process.env.TEST_DATABASE_URL) {
    const url = new URL(process.env.TEST_DATABASE_URL)
    url.pathname = `/${rows[0]!.name}`
    const databases = databasesOn(openPostgres(url.href))
    other = { ...server.platform, databases }
    closeOther = () => databases.close()
  } else other = server.platform
})
afterAll(async () => {
  await closeOther()
  await server.close()
})

beforeEach(async () => {
  account = await server.createAccount()
  await payIn(server.platform, account.id, 40 * USD)
  judge = { ...server.platform, serverId: newId('server') }
  other = { ...other, serverId: newId('server') }
  await Promise.all([renewServerLease(judge), renewServerLease(other)])
})

const servers = () => server.platform.databases.system.updateTable('servers')

/** Lets so much time pass for a server that renews its lease all the while. */
const letLive = (of: Platform, seconds: number) =>
  servers()
    .set({ aliveSince: sql<string>`alive_since - make_interval(secs => ${seconds})` })
    .where('id', '=', of.serverId)
    .execute()

/** Lets so much time pass for a server that does not. */
const letFallSilent = (of: Platform, seconds: number) =>
  servers()
    .set({ leaseExpiresAt: sql<string>`lease_expires_at - make_interval(secs => ${seconds})` })
    .where('id', '=', of.serverId)
    .execute()

const reserve = (microUsd: number) => reserveCredits(other, account.id as AccountId, microUsd, 'test')
const booksOf = async ({ id }: TestAccount) => ({
  balance: await bookOf(server.platform, `credits:${id}`),
  held: await bookOf(server.platform, `held:${id}`),
})

describe('credits on hold', () => {
  test('are given back within a minute when their server has died, and not while it lives', async () => {
    await reserve(2 * USD)
    await letLive(judge, 31)
    await releaseExpiredHolds(judge)
    expect(await booksOf(account)).toEqual({ balance: 38 * USD, held: 2 * USD })
    await letFallSilent(other, 31)
    await releaseExpiredHolds(judge)
    expect(await booksOf(account)).toEqual({ balance: 40 * USD, held: 0 })
  })

  test('are not given back by a server that was cut off itself: the others may have been, too', async () => {
    const hold = await reserve(2 * USD)
    await letLive(judge, 300)
    for (const platform of [judge, other]) await letFallSilent(platform, 120)
    await renewServerLease(judge)
    await releaseExpiredHolds(judge)
    expect((await booksOf(account)).held).toBe(2 * USD)
    await renewServerLease(other)
    await letLive(judge, 31)
    await releaseExpiredHolds(judge)
    await settleHold(other, hold, USD)
    expect(await booksOf(account)).toEqual({ balance: 39 * USD, held: 0 })
  })

  test('of a server that was only slow are taken all the same, once', async () => {
    const hold = await reserve(2 * USD)
    await letLive(judge, 31)
    await letFallSilent(other, 31)
    await releaseExpiredHolds(judge)
    const before = await bookOf(server.platform, 'revenue')
    await Promise.all(Array.from({ length: 5 }, () => settleHold(other, hold, USD)))
    expect(await booksOf(account)).toEqual({ balance: 39 * USD, held: 0 })
    expect((await bookOf(server.platform, 'revenue')) - before).toBe(USD)
    await expect(settleHold(other, hold, 2 * USD)).rejects.toMatchObject({ code: 'HOLD_ENDED' })
  })

  test('of a server that was only slow are gone when they were spent meanwhile', async () => {
    const hold = await reserve(30 * USD)
    await letLive(judge, 31)
    await letFallSilent(other, 31)
    await releaseExpiredHolds(judge)
    await reserveCredits(judge, account.id as AccountId, 35 * USD, 'test')
    await expect(settleHold(other, hold, 30 * USD)).rejects.toMatchObject({ code: 'HOLD_ENDED', details: { state: 'lapsed' } })
    await releaseHold(other, hold)
    expect(await booksOf(account)).toEqual({ balance: 5 * USD, held: 35 * USD })
  })

  test('many of a dead server are given back once, by however many servers, while it ends some of them itself', async () => {
    const holds = await Promise.all(Array.from({ length: MANY }, () => reserve(USD)))
    const judges = [judge, { ...judge, serverId: newId('server') }]
    await renewServerLease(judges[1]!)
    for (const platform of judges) await letLive(platform, 31)
    await letFallSilent(other, 31)
    const before = await bookOf(server.platform, 'revenue')
    await Promise.all([
      ...judges.map(releaseExpiredHolds),
      ...holds.map((hold, index) => (index % 2 === 0 ? settleHold(other, hold, 250_000) : releaseHold(other, hold))),
    ])
    const taken = (MANY / 2) * 250_000
    expect(await booksOf(account)).toEqual({ balance: 40 * USD - taken, held: 0 })
    expect((await bookOf(server.platform, 'revenue')) - before).toBe(taken)
  })
})

describe('a charge of a payment session', () => {
  const price = { plugin: 'agent', amountMicroUsd: 200_000, description: '' }

  async function openSession(): Promise<string> {
    const body = { address: wallet.address, deposit: '10.00' }
    return (await server.call('POST', '/api/wallet/sessions', { key: account.key, body })).body.session.id
  }

  const authorize = (sessionId: string) => {
    const actor = { kind: 'session', account: { id: account.id } }
    return authorizeSession({ platform: other, actor } as AccountContext, price, { sessionId, walletAddress: wallet.address })
  }
  const remainingOf = async (id: string) =>
    (await server.call('GET', `/api/wallet/sessions?sessionId=${id}`, { key: account.key })).body.session.remaining

  test('is taken back within a minute when its server has died, and not while it lives', async () => {
    const id = await openSession()
    await authorize(id)
    await letLive(judge, 31)
    await releaseExpiredVouchers(judge)
    expect(await remainingOf(id)).toBe('9.80')
    await letFallSilent(other, 31)
    await Promise.all([releaseExpiredVouchers(judge), releaseExpiredVouchers(judge)])
    expect(await remainingOf(id)).toBe('10.00')
  })

  test('is made again when its server was only slow and the work was done', async () => {
    const id = await openSession()
    const payment = await authorize(id)
    await letLive(judge, 31)
    await letFallSilent(other, 31)
    await releaseExpiredVouchers(judge)
    expect(await payment.capture()).toMatchObject({ headers: { 'X-Session-Remaining': '9.80' } })
    expect(await remainingOf(id)).toBe('9.80')
    await releaseExpiredVouchers(judge)
    expect(await remainingOf(id)).toBe('9.80')
  })
})
