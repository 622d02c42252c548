import { findReferralCode } from '#server/platform/account/index.ts'
import { accountOf, type AccountContext } from '#server/platform/core/index.ts'
import { microUsdAsNumber } from '#server/platform/money/index.ts'
import type { Entry, PlaceByTime, Slice } from '#server/platform/operations/index.ts'
import { countReferrals, getCreditBalance, getEntitlements } from '../billing/index.ts'
import { sumUnrecovered } from '../checkout/index.ts'
import { type CreditEntry, type Credits, MAX_CREDIT_ENTRIES } from './credits.contract.ts'
import * as queries from './credits.queries.ts'

/** What the account has left, and how it can come by more. */
export async function getCredits(ctx: AccountContext): Promise<Credits> {
  const { credited, pending } = await countReferrals(ctx)
  return {
    credits: await getCreditBalance(ctx),
    referralCode: await findReferralCode(ctx.db, accountOf(ctx)),
    referralCount: credited + pending,
    plan: getEntitlements(ctx).plan,
    owedCredits: microUsdAsNumber(await sumUnrecovered(ctx.db, accountOf(ctx))),
  }
}

/** What went in and out, the newest first. */
export const listCreditHistory = async (ctx: AccountContext): Promise<CreditEntry[]> =>
  (await queries.listEntries(ctx.platform.databases.system, accountOf(ctx), MAX_CREDIT_ENTRIES)).map(toEntry)

/** A page of it. */
export async function listCreditPage(ctx: AccountContext, _input: object, { after, limit }: Slice<PlaceByTime>) {
  const rows = await queries.listEntries(ctx.platform.databases.system, accountOf(ctx), limit, after)
  return rows.map(({ place, ...row }): Entry<CreditEntry, PlaceByTime> => ({ node: toEntry(row), place: [place, row.id] }))
}

export const countCreditEntries = (ctx: AccountContext): Promise<number> =>
  queries.countEntries(ctx.platform.databases.system, accountOf(ctx))

type Row = Omit<Awaited<ReturnType<typeof queries.listEntries>>[number], 'place'>

const toEntry = ({ amountMicroUsd, id, reason, createdAt }: Row): CreditEntry => ({
  id,
  credits: microUsdAsNumber(amountMicroUsd),
  reason,
  createdAt,
})
