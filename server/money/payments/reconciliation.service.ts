import type { Platform } from '#server/platform/core/index.ts'
import * as queries from './chain-payments.queries.ts'
import { listUnsettled } from './x402-payments.queries.ts'

/** How many payments one round looks up. */
const MAX_AT_ONCE = 100

/**
 * Finds out about payments whose outcome was not known, and forgets those that were never sent.
 *
 * @throws ChainNotConfigured, ChainUnavailable
 */
export async function reconcilePayments(platform: Platform): Promise<void> {
  await queries.deleteAbandoned(platform.databases.system)
  try {
    await reconcileSent(platform)
  } finally {
    // It has a chain of its own, which may answer when the other one does not.
    await reconcileAsked(platform)
  }
}

// What speaks to a chain takes a second and much memory to load, and most servers never need it.

async function reconcileSent(platform: Platform): Promise<void> {
  const pending = await queries.listPending(platform.databases.system, MAX_AT_ONCE)
  if (pending.length === 0) return
  const { reconcilePayment } = await import('./chain-payments.service.ts')
  for (const payment of pending) await reconcilePayment(platform, payment)
}

async function reconcileAsked(platform: Platform): Promise<void> {
  const unsettled = await listUnsettled(platform.databases.system, MAX_AT_ONCE)
  if (unsettled.length === 0) return
  const { reconcileAuthorized } = await import('./x402-payments.service.ts')
  for (const payment of unsettled) await reconcileAuthorized(platform, payment)
}

/** For a server that knows it is the only one, when it starts: what calls were working for can be used again. */
export const releaseInterruptedPayments = (platform: Platform) => queries.dropAllClaims(platform.databases.system)
