import { microUsdAsNumber } from '#server/platform/money/index.ts'
import { isAdminEmail } from '#server/platform/account/index.ts'
import { hasAccount, type AccountContext, type ActorAccount, type Context, type Platform, AppError } from '#server/platform/core/index.ts'
import type { Trial } from './billing.contract.ts'
import { daysLeft, entitlementsOf, type Entitlements } from './entitlements.rules.ts'
import { findBalance } from './ledger.queries.ts'
import { quotasOf, type PlanQuotas } from './plans.ts'

export { coversModel, featuresOf } from './entitlements.rules.ts'
export { TRIAL_DAYS } from './plans.ts'

export class PlanRequired extends AppError {
  constructor() {
    super(
      'payment_required',
      'PAYMENT_REQUIRED',
      'The trial is over and the account has no paid plan. Choose a plan to create and run agents.',
    )
  }
}

/** What the calling account may do. */
export const getEntitlements = (ctx: AccountContext): Entitlements => entitlementsFor(ctx.platform, ctx.actor.account)

export const entitlementsFor = (
  platform: Platform,
  account: Pick<ActorAccount, 'plan' | 'subscriptionStatus' | 'trialEndsAt' | 'isAdmin'> & Partial<Pick<ActorAccount, 'graceEndsAt'>>,
): Entitlements => entitlementsOf(platform.env, account, new Date())

/** What the calling account may keep. */
export const getQuotas = (ctx: AccountContext): PlanQuotas => quotasOf(getEntitlements(ctx).plan)

/** What the plan of an account follows from, as it is stored. */
export interface BilledRow extends Pick<ActorAccount, 'plan' | 'subscriptionStatus' | 'trialEndsAt'> {
  /** Of the person whose personal workspace it is; null for a team. */
  ownerEmail: string | null
  ownerVerifiedAt: string | null
}

/** What an account may keep that does not call. */
export function quotasFor(platform: Platform, row: BilledRow): PlanQuotas {
  const isAdmin = isAdminEmail(platform.env, row.ownerEmail, row.ownerVerifiedAt)
  return quotasOf(entitlementsFor(platform, { ...row, isAdmin }).plan)
}

/** @throws PlanRequired unless the account has a paid plan, a running trial, or lives on a server that asks for no money. */
export function requireActivePlan(ctx: AccountContext): Entitlements {
  const entitlements = getEntitlements(ctx)
  if (!entitlements.isActive) throw new PlanRequired()
  return entitlements
}

/** State of the caller's trial; with nobody signed in there is none. */
export async function getTrial(ctx: Context): Promise<Trial> {
  if (!hasAccount(ctx)) return { trial: false }
  const { account } = ctx.actor
  const { plan, isActive } = entitlementsFor(ctx.platform, account)
  if (plan !== 'free' || account.trialEndsAt === null) return { trial: false, plan }
  return { trial: true, expired: !isActive, daysLeft: daysLeft(account.trialEndsAt, new Date()), endsAt: account.trialEndsAt, plan }
}

/** Prepaid credits of the account that are not set aside; one credit is a US dollar. */
export const getCreditBalance = async (ctx: AccountContext): Promise<number> =>
  microUsdAsNumber(await findBalance(ctx.db, ctx.actor.account.id))
