import type Stripe from 'stripe'
import { storageUpgrade } from '../billing/index.ts'
import { purchaseOf } from './stripe-prices.ts'

/** Statuses in which Stripe still takes money, or tries to. */
export const RUNNING = ['active', 'trialing', 'past_due'] as const

/** Statuses that never change any more. */
export const FINAL = ['canceled', 'incomplete_expired'] as const

/** What is kept of a subscription. Times are ISO 8601. */
export interface SubscriptionFacts {
  id: string
  purpose: 'plan' | 'storage'
  plan: string | null
  storageGb: number
  status: string
  customerId: string
  isEnding: boolean
  startedAt: string
  trialEndsAt: string | null
  periodStartedAt: string
  periodEndsAt: string
}

const timeOf = (seconds: number): string => new Date(seconds * 1000).toISOString()

/** A subscription as Stripe has it; undefined for one that is not of this server. The period is that of its first item, as it is for all since 2025. */
export function factsOf(subscription: Stripe.Subscription): SubscriptionFacts | undefined {
  const { id, status, customer, created, trial_end: trialEnd, cancel_at_period_end: isEnding, cancel_at: cancelAt } = subscription
  const purchase = purchaseOf(subscription)
  if (!purchase) return undefined
  const item = subscription.items.data[0]
  return {
    id,
    purpose: purchase.purpose,
    plan: purchase.purpose === 'plan' ? purchase.plan : null,
    storageGb: purchase.purpose === 'storage' ? storageUpgrade.storageGb * (item?.quantity ?? 1) : 0,
    status,
    customerId: typeof customer === 'string' ? customer : customer.id,
    isEnding: isEnding || cancelAt !== null,
    startedAt: timeOf(created),
    trialEndsAt: trialEnd === null ? null : timeOf(trialEnd),
    periodStartedAt: timeOf(item?.current_period_start ?? created),
    periodEndsAt: timeOf(item?.current_period_end ?? created),
  }
}
