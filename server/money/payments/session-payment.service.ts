import { balanceAccount, postTransaction, revenueAccount } from '../billing/index.ts'
import { formatUsd } from '#server/platform/money/index.ts'
import {
  accountOf,
  hasAccount,
  type AccountId,
  type Context,
  type Platform,
  isUniqueViolation,
  newId,
  inTransaction,
} from '#server/platform/core/index.ts'
import type { Payment, Price } from './payment.ts'
import { InsufficientSessionBalance, SessionInvalid, SessionRequired, VoucherFailed } from './sessions.errors.ts'
import { findSessionById, lockSession, reduceSpent } from './sessions.queries.ts'
import { remainingOf, voucherChainId, type SessionSums } from './sessions.rules.ts'
import { sessionAccount, settleWhenDue } from './settlement.service.ts'
import type { SignedVoucher } from './voucher-signature.rules.ts'
import { loadSignatureRules } from './voucher-signature.ts'
import {
  captureVoucher,
  chargeSession,
  deleteUncapturedVoucher,
  listUncapturedVouchers,
  type NewVoucher,
  type Uncaptured,
} from './vouchers.queries.ts'

/** How a caller of the gateway names the session that pays, and shows that it may. */
export interface SessionCredential {
  sessionId?: string | undefined
  walletAddress?: string | undefined
  voucherNonce?: string | undefined
  voucherSignature?: string | undefined
}

interface NamedSession {
  sessionId: string
  walletAddress: string
  /** Signed by the wallet for this call. */
  voucher: { nonce: string; signature: string } | undefined
}

/**
 * What a credential has to bring along: the id of a session and the address of its wallet are not secret enough, so a
 * voucher for the call, or else an account.
 *
 * @throws SessionRequired saying what is missing.
 */
export function requireSession(ctx: Context, credential: SessionCredential): NamedSession {
  const { sessionId, walletAddress, voucherNonce: nonce, voucherSignature: signature } = credential
  if (!sessionId || !walletAddress) throw new SessionRequired('X-Session-Id and X-Wallet-Address')
  if (nonce && signature) return { sessionId, walletAddress, voucher: { nonce, signature } }
  if (nonce || signature) throw new SessionRequired('X-Voucher-Nonce and X-Voucher-Signature together')
  if (!hasAccount(ctx))
    throw new SessionRequired('the API key or the session cookie of its owner, or a voucher in X-Voucher-Nonce and X-Voucher-Signature')
  return { sessionId, walletAddress, voucher: undefined }
}

/**
 * Charges a session for one call of its owner's, or of whoever brings a voucher its wallet has signed for the call.
 * The money is taken now, so that no other call can spend it, and comes back when the payment is released, or when
 * the server dies before it is captured. The nonce of a voucher is used up only by a call that succeeds.
 *
 * @throws SessionRequired, SessionInvalid, InsufficientSessionBalance, VoucherFailed
 */
export async function authorizeSession(ctx: Context, price: Price, credential: SessionCredential): Promise<Payment> {
  const { sessionId, walletAddress, voucher: signed } = requireSession(ctx, credential)
  const { platform } = ctx
  const { system } = platform.databases
  const address = walletAddress.toLowerCase()
  const session = await findSessionById(system, sessionId)
  if (session?.status !== 'active' || session.address !== address) throw new SessionInvalid()
  const { plugin, amountMicroUsd } = price
  if (signed) await checkVoucher(platform, { sessionId, plugin, amountMicroUsd, ...signed }, address)
  else if (!hasAccount(ctx) || accountOf(ctx) !== session.accountId) throw new SessionInvalid()
  if (remainingOf(session) < amountMicroUsd) throw new InsufficientSessionBalance(remainingOf(session), amountMicroUsd)
  const id = newId('voucher')
  const { nonce, signature } = signed ?? { nonce: id, signature: null }
  const voucher = { id, sessionId, address, nonce, amountMicroUsd, plugin, signature, serverId: platform.serverId }
  const charged = await charge(system, voucher)
  const receiptWith = (sums: SessionSums) => ({
    reference: `session:${sessionId}:${id}`,
    headers: { 'X-Session-Remaining': formatUsd(remainingOf(sums)) },
  })
  return {
    method: 'session',
    session: { id: sessionId, accountId: session.accountId as AccountId },
    secure: async () => receiptWith(charged),
    async capture() {
      // This server may have been taken for dead, though it was only slow: then the charge is made again.
      const sums = (await captureVoucher(system, id)) ?? (await charge(system, { ...voucher, serverId: null }))
      await settleWhenDue(platform, sessionId, sums)
      return receiptWith(sums)
    },
    async release() {
      await releaseVoucher(platform, sessionId, id, 'all')
      return undefined
    },
  }
}

async function checkVoucher({ env }: Platform, voucher: SignedVoucher & { signature: string }, address: string): Promise<void> {
  const { recoverSigner } = await loadSignatureRules()
  if (recoverSigner(voucher, voucherChainId(env), voucher.signature) !== address) throw new VoucherFailed('SIGNATURE_INVALID')
}

async function charge(systemDb: Context['db'], voucher: NewVoucher): Promise<SessionSums> {
  try {
    const charged = await chargeSession(systemDb, voucher)
    if (charged) return charged
  } catch (error) {
    if (isUniqueViolation(error)) throw new VoucherFailed('NONCE_USED')
    throw error
  }
  throw new VoucherFailed('INSUFFICIENT_BALANCE')
}

/**
 * Takes a charge back whose call has not succeeded; nothing happens to one that was captured. Money that
 * was settled meanwhile comes back out of the revenue: to the session, or to the balance if that is closed.
 */
const releaseVoucher = (platform: Platform, sessionId: string, voucherId: string, which: Uncaptured): Promise<void> =>
  inTransaction(platform.databases.system, async (db) => {
    const session = await lockSession(db, sessionId)
    const voucher = await deleteUncapturedVoucher(db, voucherId, which)
    if (!session || !voucher) return
    const { amountMicroUsd } = voucher
    const isSettled = voucher.settledAt !== null
    await reduceSpent(db, sessionId, amountMicroUsd, isSettled)
    if (!isSettled) return
    const accountId = session.accountId as AccountId
    await postTransaction(db, {
      id: `refund:${voucherId}`,
      reason: 'refund',
      entries: [
        { book: revenueAccount, amountMicroUsd: -amountMicroUsd },
        { book: session.status === 'active' ? sessionAccount(accountId, sessionId) : balanceAccount(accountId), amountMicroUsd },
      ],
    })
  })

/** Takes back charges that a dead server has neither captured nor released. */
export const releaseExpiredVouchers = (platform: Platform): Promise<void> => releaseVouchers(platform, { judge: platform.serverId })

/** Takes back every such charge: for a server that knows it is the only one, when it starts. */
export const releaseInterruptedVouchers = (platform: Platform): Promise<void> => releaseVouchers(platform, 'all')

async function releaseVouchers(platform: Platform, which: Uncaptured): Promise<void> {
  for (const { id, sessionId } of await listUncapturedVouchers(platform.databases.system, which))
    await releaseVoucher(platform, sessionId, id, which)
}
