import type Stripe from 'stripe'
import { penceOfPounds } from '#server/platform/money/index.ts'
import { planNamed, plans, storageUpgrade, type PlanName } from '../billing/index.ts'

/** What a subscription is for. */
export type Purchase = { purpose: 'plan'; plan: PlanName } | { purpose: 'storage' }

const PREFIX = 'agentbot_'

/** Products at Stripe have ids of ours, so that what somebody pays for says which plan it is, also after a change in the portal. */
const productOf = (purchase: Purchase): string => PREFIX + (purchase.purpose === 'plan' ? purchase.plan : 'storage')

const nameOf = (purchase: Purchase): string =>
  purchase.purpose === 'plan'
    ? `Agentbot ${purchase.plan[0]!.toUpperCase()}${purchase.plan.slice(1)}`
    : `Agentbot storage, ${storageUpgrade.storageGb} GB`

/** The price of it, as Stripe takes it; its product has to be there. */
export const priceDataOf = (
  purchase: Purchase,
): { currency: string; unit_amount: number; recurring: { interval: 'month' }; product: string } => ({
  currency: 'gbp',
  unit_amount: penceOfPounds(purchase.purpose === 'plan' ? plans[purchase.plan].price : storageUpgrade.price),
  recurring: { interval: 'month' },
  product: productOf(purchase),
})

/** Makes the product, unless it is there. */
export async function ensureProduct(stripe: Stripe, purchase: Purchase): Promise<void> {
  const id = productOf(purchase)
  try {
    await stripe.products.create({ id, name: nameOf(purchase) }, { idempotencyKey: `product:${id}` })
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'resource_already_exists')) throw error
  }
}

interface Sold {
  metadata: Stripe.Metadata
  items: { data: { price: Pick<Stripe.Price, 'product'> }[] }
}

/**
 * What a subscription is for, by its product; by its metadata where that is none of ours. A plan nobody knows is the smallest. Undefined
 * for one that has nothing to do with this server: the operator may sell other things, too.
 */
export function purchaseOf({ metadata, items }: Sold): Purchase | undefined {
  const product = items.data[0]?.price.product
  const id = typeof product === 'string' ? product : (product?.id ?? '')
  const name = id.startsWith(PREFIX) ? id.slice(PREFIX.length) : undefined
  if (name === 'storage' || (name === undefined && metadata.type === 'storage_upgrade')) return { purpose: 'storage' }
  const plan = name ?? metadata.plan
  return plan === undefined ? undefined : { purpose: 'plan', plan: planNamed(plan) ?? 'solo' }
}
