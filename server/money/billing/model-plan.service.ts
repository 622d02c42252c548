import { type AccountContext, AppError } from '#server/platform/core/index.ts'
import { getEntitlements } from './billing.service.ts'
import type { Entitlements } from './entitlements.rules.ts'

type PlanProblem = 'PLAN_REQUIRED' | 'SUBSCRIPTION_REQUIRED' | 'SUBSCRIPTION_MISMATCH'

const messages: Record<PlanProblem, string> = {
  PLAN_REQUIRED: 'The account has no plan that covers the call. Choose a plan first.',
  SUBSCRIPTION_REQUIRED: 'The subscription of the account is not active.',
  SUBSCRIPTION_MISMATCH: 'That subscription is not the one on file for this account.',
}

/** The account has no plan that covers calling models. */
export class ModelPlanRequired extends AppError {
  constructor(code: PlanProblem) {
    super('payment_required', code, messages[code])
  }
}

/**
 * What the calling account may do, once it is known that it may call models at all.
 *
 * @param subscriptionId of Stripe, when the caller names one: it has to be the one on file.
 * @throws ModelPlanRequired
 */
export function requireModelPlan(ctx: AccountContext, subscriptionId?: string): Entitlements {
  const { stripeSubscriptionId } = ctx.actor.account
  if (subscriptionId !== undefined && subscriptionId !== stripeSubscriptionId) throw new ModelPlanRequired('SUBSCRIPTION_MISMATCH')
  const entitlements = getEntitlements(ctx)
  if (!entitlements.isActive) throw new ModelPlanRequired(entitlements.plan === 'free' ? 'PLAN_REQUIRED' : 'SUBSCRIPTION_REQUIRED')
  return entitlements
}
