import { balanceBook, bookTransaction, revenueBook } from '../billing/ledger.service.ts'
import { formatUsd } from '../billing/micro-usd.ts'
import { accountOf, hasAccount, type AccountId, type Context, type Platform } from '../core/context.ts'
import { newId } from '../core/ids.ts'
import { inTransaction } from '../core/transaction.ts'
import type { Payment, Price } from './payment.ts'
import { InsufficientSessionBalance, SessionInvalid, SessionRequired, VoucherFailed } from './sessions.errors.ts'
import { findSessionById, lockSession, reduceSpent } from './sessions.queries.ts'
import { remainingOf } from './sessions.rules.ts'
import { sessionBook, settleWhenDue } from './settlement.service.ts'
import { captureVoucher, chargeSession, deleteUncapturedVoucher, listUncapturedVouchers } from './vouchers.queries.ts'

/** How a caller of the gateway names the session that pays. */
export interface SessionCredential {
  sessionId?: string | undefined
  walletAddress?: string | undefined
}

/**
 * Charges a session for one call. Its id cannot be guessed and is the credential; a caller that is signed
 * in has to be its owner. The money is taken now, so that no other call can spend it, and comes back
 * when the payment is released, or when the server dies before it is captured.
 *
 * @throws SessionRequired, SessionInvalid, InsufficientSessionBalance, VoucherFailed
 */
export async function authorizeSession(ctx: Context, price: Price, { sessionId, walletAddress }: SessionCredential): Promise<Payment> {
  if (!sessionId || !walletAddress) throw new SessionRequired()
  const { platform } = ctx
  const { system } = platform.databases
  const address = walletAddress.toLowerCase()
  const session = await findSessionById(system, sessionId)
  if (session?.status !== 'active' || session.address !== address) throw new SessionInvalid()
  if (hasAccount(ctx) && accountOf(ctx) !== session.accountId) throw new SessionInvalid()
  const { plugin, amountMicroUsd } = price
  if (remainingOf(session) < amountMicroUsd) throw new InsufficientSessionBalance(remainingOf(session), amountMicroUsd)
  const id = newId('voucher')
  if (!(await chargeSession(system, { id, sessionId, address, nonce: id, amountMicroUsd, plugin, signature: null })))
    throw new VoucherFailed()
  return {
    method: 'session',
    async capture() {
      const sums = await captureVoucher(system, id)
      if (!sums) throw new VoucherFailed()
      await settleWhenDue(platform, sessionId, sums)
      return { reference: `session:${sessionId}:${id}`, headers: { 'X-Session-Remaining': formatUsd(remainingOf(sums)) } }
    },
    release: () => releaseVoucher(platform, sessionId, id),
  }
}

/**
 * Takes a charge back whose call has not succeeded; nothing happens to one that was captured. Money that
 * was settled meanwhile comes back out of the revenue: to the session, or to the balance if that is closed.
 */
const releaseVoucher = (platform: Platform, sessionId: string, voucherId: string): Promise<void> =>
  inTransaction(platform.databases.system, async (db) => {
    const session = await lockSession(db, sessionId)
    const voucher = await deleteUncapturedVoucher(db, voucherId)
    if (!session || !voucher) return
    const { amountMicroUsd } = voucher
    const isSettled = voucher.settledAt !== null
    await reduceSpent(db, sessionId, amountMicroUsd, isSettled)
    if (!isSettled) return
    const accountId = session.accountId as AccountId
    await bookTransaction(db, {
      id: `refund:${voucherId}`,
      reason: 'refund',
      entries: [
        { book: revenueBook, amountMicroUsd: -amountMicroUsd },
        { book: session.status === 'active' ? sessionBook(accountId, sessionId) : balanceBook(accountId), amountMicroUsd },
      ],
    })
  })

/** Takes back charges a server that died has neither captured nor released. */
export const releaseExpiredVouchers = (platform: Platform): Promise<void> => releaseVouchers(platform, { onlyExpired: true })

/** Takes back every such charge: for a server that knows it is the only one, when it starts. */
export const releaseInterruptedVouchers = (platform: Platform): Promise<void> => releaseVouchers(platform, { onlyExpired: false })

async function releaseVouchers(platform: Platform, which: { onlyExpired: boolean }): Promise<void> {
  for (const { id, sessionId } of await listUncapturedVouchers(platform.databases.system, which))
    await releaseVoucher(platform, sessionId, id)
}
