import type { Platform } from '#server/platform/core/index.ts'
import { findCheckout, listOpen, syncCheckout } from '../checkout/index.ts'
import { findSubscription, listClaimable, listUnchecked, syncSubscription } from '../subscriptions/index.ts'
import { handleEventsSince, LISTED_DAYS } from './sweep.service.ts'

interface Checked {
  checked: number
  mended: number
}

/** What was found and mended. */
export interface VerifiedBilling {
  /** Events that had not been heard of. */
  events: number
  subscriptions: Checked
  checkouts: Checked
  /** Things that could not be looked at. */
  failed: number
}

const ALL = 100_000
const DAY_SECONDS = 86_400

/**
 * Compares everything that is stored with what Stripe has, and mends it: all events Stripe still lists, every subscription that may
 * change, every checkout that nobody has spoken of, and those that wait for people who are here by now.
 *
 * @throws StripeNotConfigured
 */
export async function verifyBilling(platform: Platform): Promise<VerifiedBilling> {
  const { system } = platform.databases
  const { missed, failed } = await handleEventsSince(platform, Math.floor(Date.now() / 1000) - LISTED_DAYS * DAY_SECONDS)
  const result: VerifiedBilling = {
    events: missed,
    subscriptions: { checked: 0, mended: 0 },
    checkouts: { checked: 0, mended: 0 },
    failed,
  }
  const check = async (counts: Checked, id: string, statusOf: () => Promise<string | undefined>, sync: () => Promise<unknown>) => {
    const before = await statusOf()
    try {
      await sync()
      counts.checked += 1
      if ((await statusOf()) !== before) counts.mended += 1
    } catch (error) {
      result.failed += 1
      platform.log.error({ err: error, id }, 'could not look at something of Stripe')
    }
  }
  for (const { id } of await listUnchecked(system, 0, ALL))
    await check(
      result.subscriptions,
      id,
      async () => JSON.stringify(await findSubscription(system, id)),
      () => syncSubscription(platform, id),
    )
  const open = (await listOpen(system, 0, ALL)).map(({ id }) => id)
  for (const id of [...open, ...(await listClaimable(system, ALL))])
    await check(
      result.checkouts,
      id,
      async () => (await findCheckout(system, id))?.status,
      () => syncCheckout(platform, id),
    )
  return result
}
