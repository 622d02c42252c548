import { formatUsd } from '#server/platform/money/index.ts'
import { requireHistory } from '#server/money/payments/index.ts'
import { accountOf, type Context, hasAccount, Unauthenticated } from '#server/platform/core/index.ts'
import type { Entry, PlaceByTime, Slice } from '#server/platform/operations/index.ts'
import { type GatewayCall, type ListCalls, MAX_LISTED_CALLS } from './gateway.contract.ts'
import * as queries from './gateway.queries.ts'

/** Calls of the caller's, or those a payment session was to pay; newest first. @throws Unauthenticated, PaymentSessionNotFound */
export async function listCalls(ctx: Context, input: ListCalls): Promise<GatewayCall[]> {
  const { db, filter } = await choose(ctx, input)
  return (await queries.listCalls(db, filter, MAX_LISTED_CALLS)).map(toCall)
}

/** A page of the same. @throws Unauthenticated, PaymentSessionNotFound */
export async function listCallPage(ctx: Context, input: ListCalls, { after, limit }: Slice<PlaceByTime>) {
  const { db, filter } = await choose(ctx, input)
  const rows = await queries.listCalls(db, filter, limit, after)
  return rows.map((row): Entry<GatewayCall, PlaceByTime> => ({ node: toCall(row), place: [row.place, row.id] }))
}

/** How many there are. @throws Unauthenticated, PaymentSessionNotFound */
export async function countCalls(ctx: Context, input: ListCalls): Promise<number> {
  const { db, filter } = await choose(ctx, input)
  return queries.countCalls(db, filter)
}

/** A session may pay for calls of others than the account that opened it, whose rows that account does not see by itself. */
async function choose(ctx: Context, { sessionId, historySignature }: ListCalls): Promise<{ db: Context['db']; filter: queries.CallsOf }> {
  if (sessionId !== undefined) {
    await requireHistory(ctx, sessionId, historySignature)
    return { db: ctx.platform.databases.system, filter: { sessionId } }
  }
  if (!hasAccount(ctx)) throw new Unauthenticated('Sign in or send an API key, or name a payment session and send historySignature.')
  return { db: ctx.db, filter: { accountId: accountOf(ctx) } }
}

type Row = Awaited<ReturnType<typeof queries.listCalls>>[number]

const toCall = ({ id, plugin, method, receipt, priceMicroUsd, isPaid, outcome, errorCode, ...row }: Row): GatewayCall => ({
  id,
  plugin,
  timestamp: row.createdAt,
  payment: { method: method as GatewayCall['payment']['method'], receipt },
  sessionId: row.sessionId,
  priceUsd: formatUsd(priceMicroUsd),
  isCharged: isPaid,
  outcome: outcome as GatewayCall['outcome'],
  errorCode,
  model: row.model,
  inputTokens: row.inputTokens,
  outputTokens: row.outputTokens,
})
