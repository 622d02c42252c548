import type { ActorAccount, Env } from '#server/platform/core/index.ts'
import { plans, TRIAL_LIMITS, type AccountPlan, type PlanName } from './plans.ts'

/** What an account may do, and why. */
export interface Entitlements {
  /** Plan the account is on. */
  plan: AccountPlan
  /** Whether it may create and run agents: a plan that is paid, a running trial, or a server that asks for no money. */
  isActive: boolean
  /** As billing shows it: `active`, `trialing`, `expired`, or what Stripe last said. */
  status: string
  /** Most agents; null for no limit. */
  agentLimit: number | null
  /** Most tokens of model calls in a calendar month (UTC); null for no limit. */
  monthlyTokens: number | null
  /** Most calls of models on the server's keys in a day (UTC); null for no limit. */
  dailyUnits: number | null
  /** Hosted models the plan covers; null for all. */
  models: readonly string[] | null
}

type Billed = Pick<ActorAccount, 'plan' | 'subscriptionStatus' | 'trialEndsAt' | 'isAdmin'> & Partial<Pick<ActorAccount, 'graceEndsAt'>>

/**
 * With no Stripe key nothing asks for money: every account has the operator's plan. With one, a plan
 * has to be paid or a trial running; after a payment that failed it holds for some days more. Admins are never asked to pay and have no agent limit.
 */
export function entitlementsOf(env: Pick<Env, 'STRIPE_SECRET_KEY' | 'SELF_HOSTED_PLAN'>, account: Billed, now: Date): Entitlements {
  if (account.isAdmin) return { ...limitsOf('network'), plan: 'network', isActive: true, status: 'active' }
  if (!env.STRIPE_SECRET_KEY) return { ...limitsOf(env.SELF_HOSTED_PLAN), plan: env.SELF_HOSTED_PLAN, isActive: true, status: 'active' }
  const plan = account.plan as AccountPlan
  if (plan !== 'free') {
    const isActive = account.subscriptionStatus === 'active' || account.subscriptionStatus === 'trialing' || isInGrace(account, now)
    return { ...limitsOf(plan), plan, isActive, status: account.subscriptionStatus }
  }
  const isOnTrial = account.trialEndsAt !== null && new Date(account.trialEndsAt) > now
  return { ...limitsOf(TRIAL_LIMITS), plan, isActive: isOnTrial, status: isOnTrial ? 'trialing' : 'expired' }
}

const isInGrace = ({ subscriptionStatus, graceEndsAt }: Billed, now: Date): boolean =>
  subscriptionStatus === 'past_due' && typeof graceEndsAt === 'string' && new Date(graceEndsAt) > now

function limitsOf(plan: PlanName): Pick<Entitlements, 'agentLimit' | 'monthlyTokens' | 'dailyUnits' | 'models'> {
  const { agents, monthlyTokens, dailyUnits, models } = plans[plan]
  const limit = (count: number) => (count < 0 ? null : count)
  return {
    agentLimit: limit(agents),
    monthlyTokens: limit(monthlyTokens),
    dailyUnits: limit(dailyUnits),
    models: (models as readonly string[]).includes('*') ? null : models,
  }
}

/** Names of what the plan includes, for `features` of a key check; they follow its limits. */
export function featuresOf({ plan, isActive, agentLimit, models }: Entitlements): string[] {
  if (!isActive) return ['dashboard']
  return [
    'dashboard',
    'analytics',
    'agents',
    ...(plan === 'free' ? [] : ['api']),
    ...(agentLimit === null ? ['unlimited-agents'] : []),
    ...(models === null ? ['all-models'] : []),
  ]
}

const ownMachines = new Set(['local', 'compatible', 'ollama'])

/**
 * Whether a plan covers a model. The lists are about hosted models: what runs on the operator's own
 * machines (`local/...`, `compatible/...`, `ollama/...`) costs no vendor and is always covered.
 */
export function coversModel(models: readonly string[] | null, provider: string, modelId: string): boolean {
  if (models === null || ownMachines.has(provider)) return true
  return models.includes(modelId.replace(/^openrouter\//, ''))
}

const DAY_MS = 24 * 60 * 60 * 1000

/** Days of a trial that are left at `now`; a day that has begun counts in full. */
export const daysLeft = (endsAt: string, now: Date): number => Math.max(0, Math.ceil((Date.parse(endsAt) - now.getTime()) / DAY_MS))
