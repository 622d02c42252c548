import { accountOf, type AccountContext } from '#server/platform/core/index.ts'
import { formatUsd } from '#server/platform/money/index.ts'
import type { PaymentVoucher, PlacedVouchers, SessionsToCount, VoucherPages, VoucherTotals } from './sessions.contract.ts'
import { countVouchersOfSessions, listPendingVouchers, listVouchersOfSessions } from './vouchers.queries.ts'

/** The charges of each of several sessions that are not settled, oldest first. */
export async function listPending(ctx: AccountContext, sessionIds: string[]): Promise<Map<string, PaymentVoucher[]>> {
  const rows = await listPendingVouchers(ctx.db, accountOf(ctx), sessionIds)
  const bySession = Map.groupBy(rows, ({ sessionId }) => sessionId)
  return new Map([...bySession].map(([sessionId, vouchers]) => [sessionId, vouchers.map(toVoucher)]))
}

/** A page of the charges of each of several sessions that are not settled, oldest first; none for sessions of others. */
export async function listVoucherPages(ctx: AccountContext, { sessionIds, perSession, after }: VoucherPages): Promise<PlacedVouchers> {
  const rows = await listVouchersOfSessions(ctx.db, accountOf(ctx), sessionIds, perSession, after)
  return rows.map((row) => ({ sessionId: row.sessionId, place: [row.place, row.id], voucher: toVoucher(row) }))
}

/** How many charges of each of several sessions are not settled; sessions of others are left out, and those without any. */
export async function countVouchers(ctx: AccountContext, { sessionIds }: SessionsToCount): Promise<VoucherTotals> {
  const rows = await countVouchersOfSessions(ctx.db, accountOf(ctx), sessionIds)
  return rows.map(({ sessionId, count }) => ({ sessionId, total: count }))
}

const toVoucher = ({ plugin, createdAt, amountMicroUsd }: { plugin: string; createdAt: string; amountMicroUsd: number }) => ({
  plugin,
  timestamp: Date.parse(createdAt),
  amount: formatUsd(amountMicroUsd),
})
