import type { Db } from '#db/client.ts'
import { newId, type Platform } from '#server/platform/core/index.ts'
import { queue, type ServerJobHandler } from '#server/platform/jobs/index.ts'
import { deleteOldUnclaimed, listUnclaimed } from '../subscriptions/index.ts'
import { syncCheckout } from './sync-checkout.service.ts'

/** Type of the job that gives people what they paid for before they had an account. */
export const PURCHASE_CLAIM = 'purchase_claim'

const MAX_ATTEMPTS = 5
/** Nobody comes for it any more. */
const KEPT_DAYS = 365

/**
 * Gives what was paid for with an address to whoever has just proved that it is theirs: soon, since Stripe is asked first.
 *
 * @param systemDb The transaction in which it was proved.
 */
export async function claimPurchases(systemDb: Db, email: string): Promise<void> {
  const checkoutIds = await listUnclaimed(systemDb, email)
  if (checkoutIds.length === 0) return
  const job = { id: newId('job'), accountId: null, agentId: null, type: PURCHASE_CLAIM, payload: { checkoutIds } }
  await queue.insertJobs(systemDb, [{ ...job, maxAttempts: MAX_ATTEMPTS, runAt: new Date().toISOString() }])
}

export const purchaseClaimJob: ServerJobHandler = {
  isOfServer: true,
  refused: 'failed',
  async run(platform, { payload }) {
    for (const id of (payload as { checkoutIds: string[] }).checkoutIds) await syncCheckout(platform, id)
    return {}
  },
}

/** For the server to do now and then. */
export const forgetOldUnclaimed = ({ databases }: Platform) => deleteOldUnclaimed(databases.system, KEPT_DAYS)
