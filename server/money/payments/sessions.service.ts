import { balanceAccount, creditReferral, postTransaction, revenueAccount, debit } from '../billing/index.ts'
import { formatUsd, parseUsd } from '#server/platform/money/index.ts'
import { accountOf, type AccountContext, type AccountId, type Platform, randomBase62, inTransaction } from '#server/platform/core/index.ts'
import { bookDeposit, type Transfer } from './deposit-booking.service.ts'
import type { Entry, PlaceByTime, Slice } from '#server/platform/operations/index.ts'
import type {
  DepositTerms,
  ListSessions,
  OpenSession,
  PaymentSession,
  PaymentSessionHead,
  SessionClosed,
  SessionOpened,
  SessionRef,
} from './sessions.contract.ts'
import { listPending } from './pending-vouchers.service.ts'
import { PaymentSessionNotActive, PaymentSessionNotFound } from './sessions.errors.ts'
import * as queries from './sessions.queries.ts'
import { amountsOf, pendingOf, remainingOf } from './sessions.rules.ts'
import { sessionAccount } from './settlement.service.ts'
import { loadSignatureRules } from './voucher-signature.ts'
import { markVouchersSettled } from './vouchers.queries.ts'

/** Random bytes of a session's id. */
const ID_BYTES = 24

/** One session, or those of a wallet, newest first. @throws PaymentSessionNotFound */
export async function listSessions(ctx: AccountContext, { address, sessionId }: ListSessions): Promise<PaymentSession[]> {
  if (sessionId === undefined) return toSessions(ctx, await queries.listSessions(ctx.db, accountOf(ctx), address!.toLowerCase()))
  const session = await queries.findSession(ctx.db, accountOf(ctx), sessionId)
  if (!session) throw new PaymentSessionNotFound()
  return toSessions(ctx, [session])
}

/** A page of the sessions of a wallet, newest first, or of the one session, without their charges. @throws PaymentSessionNotFound */
export async function listSessionPage(ctx: AccountContext, input: ListSessions, { after, limit }: Slice<PlaceByTime>) {
  const rows = await queries.listSessionPage(ctx.db, accountOf(ctx), filterOf(input), limit, after)
  if (input.sessionId !== undefined && rows.length === 0 && !after) throw new PaymentSessionNotFound()
  const sessions = await toHeads(rows)
  return sessions.map((node, index): Entry<PaymentSessionHead, PlaceByTime> => ({ node, place: [rows[index]!.place, node.id] }))
}

/** How many there are. */
export const countSessions = (ctx: AccountContext, input: ListSessions): Promise<number> =>
  queries.countSessions(ctx.db, accountOf(ctx), filterOf(input))

/** The id wins, as it does in `listSessions`; one of both is there. */
const filterOf = ({ address, sessionId }: ListSessions): queries.SessionFilter =>
  sessionId === undefined ? { address: address!.toLowerCase() } : { id: sessionId }

async function toSessions(ctx: AccountContext, rows: queries.SessionRow[]): Promise<PaymentSession[]> {
  const vouchers = await listPending(
    ctx,
    rows.map(({ id }) => id),
  )
  return (await toHeads(rows)).map((session) => ({ ...session, vouchers: vouchers.get(session.id) ?? [] }))
}

async function toHeads(rows: queries.SessionRow[]): Promise<PaymentSessionHead[]> {
  const { toChecksumAddress } = await loadSignatureRules()
  return rows.map((row) => ({
    id: row.id,
    userAddress: toChecksumAddress(row.address),
    deposit: formatUsd(row.depositMicroUsd),
    ...amountsOf(row),
    status: row.status as PaymentSessionHead['status'],
    createdAt: Date.parse(row.createdAt),
    lastSettledAt: Date.parse(row.lastSettledAt),
  }))
}

/**
 * Puts money aside for calls that a wallet signs for. It comes from the prepaid balance, or from a
 * transfer on the chain; what a transfer has too much stays in the balance. While the wallet has an
 * active session, that one is answered with a note, and nothing is taken.
 *
 * @throws InsufficientCredits, DepositRefused, DepositUnproven, and what reading the chain throws when none is configured.
 */
export async function openSession(ctx: AccountContext, input: OpenSession): Promise<SessionOpened> {
  const address = input.address.toLowerCase()
  const active = await queries.findActiveSession(ctx.db, accountOf(ctx), address)
  if (active) return { session: (await toSessions(ctx, [active]))[0]!, note: 'This wallet has an open session already; nothing was taken.' }
  const deposit = { id: `ses_${randomBase62(ID_BYTES)}`, address, depositMicroUsd: parseUsd(input.deposit) }
  const transfer = await findDeposit(ctx, input)
  const opened = await insertFunded(ctx.platform, accountOf(ctx), deposit, transfer)
  // Another call has opened one since the first look.
  if (!opened) return openSession(ctx, input)
  return { session: (await toSessions(ctx, [opened]))[0]! }
}

interface Deposit {
  id: string
  /** Lower case. */
  address: string
  depositMicroUsd: number
}

/** What reads the chain takes a second and much memory to load, and most sessions never need it. */
const loadDeposits = () => import('./deposits.service.ts')

/** Whom to pay for a deposit, and what shows whose it is. */
export const showDepositTerms = async (ctx: AccountContext): Promise<DepositTerms> => (await loadDeposits()).showDepositTerms(ctx)

async function findDeposit(ctx: AccountContext, { depositTx, ...input }: OpenSession): Promise<Transfer | undefined> {
  if (!depositTx) return undefined
  const { findOwnTransfer } = await loadDeposits()
  return findOwnTransfer(ctx, { ...input, depositTx })
}

/** Session and deposit, or neither; undefined when the wallet has an active session. */
const insertFunded = (platform: Platform, accountId: AccountId, deposit: Deposit, transfer: Transfer | undefined) =>
  inTransaction(platform.databases.system, async (db) => {
    const session = await queries.insertSession(db, accountId, deposit)
    if (!session) return undefined
    if (transfer) {
      await creditReferral(platform, db, accountId)
      await bookDeposit(db, accountId, transfer)
    }
    const { id, depositMicroUsd } = deposit
    const to = sessionAccount(accountId, id)
    await debit(db, accountId, { id: `open:${id}`, reason: 'deposit', to, amountMicroUsd: depositMicroUsd })
    return session
  })

/**
 * Settles what is pending and gives the rest back to the prepaid balance. Of several calls at once one
 * closes it; a charge at the same moment is either settled with it or refused.
 *
 * @throws PaymentSessionNotFound, PaymentSessionNotActive
 */
export const closeSession = (ctx: AccountContext, { sessionId }: SessionRef): Promise<SessionClosed> =>
  inTransaction(ctx.platform.databases.system, async (db) => {
    await queries.lockSettlement(db, sessionId)
    const session = await queries.lockSession(db, sessionId)
    const accountId = accountOf(ctx)
    if (session?.accountId !== accountId) throw new PaymentSessionNotFound()
    if (session.status !== 'active') throw new PaymentSessionNotActive()
    const [pending, rest] = [pendingOf(session), remainingOf(session)]
    await markVouchersSettled(db, sessionId)
    await queries.updateClosed(db, sessionId)
    await postTransaction(db, {
      id: `close:${sessionId}`,
      reason: 'close',
      entries: [
        { book: sessionAccount(accountId, sessionId), amountMicroUsd: -(pending + rest) },
        { book: revenueAccount, amountMicroUsd: pending },
        { book: balanceAccount(accountId), amountMicroUsd: rest },
      ],
    })
    return { success: true, returned: formatUsd(rest) }
  })
