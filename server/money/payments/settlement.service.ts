import { postTransaction, revenueAccount, type LedgerAccount } from '../billing/index.ts'
import { type AccountId, type Platform, newId, inTransaction } from '#server/platform/core/index.ts'
import * as queries from './sessions.queries.ts'
import { pendingOf, SETTLE_AT_MICRO_USD, type SessionSums } from './sessions.rules.ts'
import { markVouchersSettled } from './vouchers.queries.ts'

/** Where the money of a session is until it is settled or given back. */
export const sessionAccount = (accountId: AccountId, sessionId: string): LedgerAccount => ({ id: `session:${sessionId}`, accountId })

/** Settles a session that was just charged, once enough has gathered. The charge is booked either way, so a failure here is only logged. */
export async function settleWhenDue(platform: Platform, sessionId: string, sums: SessionSums): Promise<void> {
  if (pendingOf(sums) >= SETTLE_AT_MICRO_USD) await tryToSettle(platform, sessionId)
}

/** Settles all sessions whose charges have gathered for an hour, or that were not settled when they had reached the sum. */
export async function settleDueSessions(platform: Platform): Promise<void> {
  for (const { id } of await queries.listDueSessions(platform.databases.system)) await tryToSettle(platform, id)
}

async function tryToSettle(platform: Platform, sessionId: string): Promise<void> {
  try {
    await settleSession(platform, sessionId)
  } catch (error) {
    platform.log.error({ err: error }, 'could not settle a payment session; it will be tried again')
  }
}

/**
 * Moves what a session has been charged since the last time from its book to the platform's revenue.
 * Whoever comes while another server does it leaves it to that one.
 */
const settleSession = (platform: Platform, sessionId: string): Promise<void> =>
  inTransaction(platform.databases.system, async (db) => {
    if (!(await queries.tryLockSettlement(db, sessionId))) return
    const session = await queries.lockSession(db, sessionId)
    if (session?.status !== 'active') return
    const pending = pendingOf(session)
    if (pending < SETTLE_AT_MICRO_USD && !session.isHourOver) return
    await markVouchersSettled(db, sessionId)
    await queries.updateSettled(db, sessionId)
    await postTransaction(db, {
      id: newId('transaction'),
      reason: 'settlement',
      entries: [
        { book: sessionAccount(session.accountId as AccountId, sessionId), amountMicroUsd: -pending },
        { book: revenueAccount, amountMicroUsd: pending },
      ],
    })
  })
