import type { Platform } from '#server/platform/core/index.ts'
import * as queries from './chain-payments.queries.ts'

/** How many payments one round looks up. */
const MAX_AT_ONCE = 100

/**
 * Finds out about payments whose outcome was not known, and forgets those that were never sent.
 *
 * @throws ChainNotConfigured, ChainUnavailable
 */
export async function reconcilePayments(platform: Platform): Promise<void> {
  const { system } = platform.databases
  await queries.deleteAbandoned(system)
  const pending = await queries.listPending(system, MAX_AT_ONCE)
  if (pending.length === 0) return
  // What speaks to the chain takes a second and much memory to load, and most servers never need it.
  const { reconcilePayment } = await import('./chain-payments.service.ts')
  for (const payment of pending) await reconcilePayment(platform, payment)
}

/** For a server that knows it is the only one, when it starts: what calls were working for can be used again. */
export const releaseInterruptedPayments = (platform: Platform) => queries.dropAllClaims(platform.databases.system)
