import type { Db } from '#db/client.ts'
import { hasAccount, type AccountContext, type AccountId, type ActorAccount, type Context, type Platform } from '../core/context.ts'
import { AppError } from '../core/errors.ts'
import type { Trial } from './billing.contract.ts'
import { daysLeft, entitlementsOf, type Entitlements } from './entitlements.rules.ts'
import * as ledger from './ledger.queries.ts'

export { coversModel, featuresOf } from './entitlements.rules.ts'
export { TRIAL_DAYS } from './plans.ts'

/** Credits each side of a referral gets. */
export const REFERRAL_CREDITS = 10

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
  account: Pick<ActorAccount, 'plan' | 'subscriptionStatus' | 'trialEndsAt' | 'isAdmin'>,
): Entitlements => entitlementsOf(platform.env, account, new Date())

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

/** Credits of the account: the sum of its ledger. */
export const getCreditBalance = (ctx: AccountContext): Promise<number> => ledger.findCreditBalance(ctx.db, ctx.actor.account.id)

/** Books the credit of a referral for both sides; once per new account. `systemDb` is the transaction that creates it. */
export async function creditReferral(systemDb: Db, newAccountId: AccountId, referrerId: AccountId): Promise<void> {
  await ledger.insertCredit(systemDb, `referral-${newAccountId}`, 'referral', [
    { accountId: newAccountId, amount: REFERRAL_CREDITS },
    { accountId: referrerId, amount: REFERRAL_CREDITS },
  ])
}
