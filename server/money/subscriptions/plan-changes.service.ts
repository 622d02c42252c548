import type { Db } from '#db/client.ts'
import { auditEvents } from '#server/platform/audit/index.ts'
import { type AccountId, type AuditChanges, newId } from '#server/platform/core/index.ts'

/** What an account has by its subscriptions. */
export interface PaidFor {
  plan: string
  subscriptionStatus: string
  extraStorageGb: number
}

/** What changed, as the audit log has it; null when nothing did. */
function changesOf(before: PaidFor, after: PaidFor): AuditChanges | null {
  const fields = (Object.keys(after) as (keyof PaidFor)[]).filter((field) => before[field] !== after[field])
  return fields.length === 0 ? null : Object.fromEntries(fields.map((field) => [field, { before: before[field], after: after[field] }]))
}

/**
 * Tells the audit log of an account what Stripe has changed of its plan, whoever made it look there: an event, the sweep, or a call. The
 * last thing that is done in a transaction.
 */
export async function tellOfPlanChange(
  systemDb: Db,
  accountId: AccountId,
  subscriptionId: string,
  before: PaidFor,
  after: PaidFor,
): Promise<void> {
  const changes = changesOf(before, after)
  if (!changes) return
  await auditEvents.insertEvent(systemDb, {
    accountId,
    action: 'subscriptions.changed',
    outcome: 'success',
    code: null,
    actor: { type: 'job', id: null, name: 'Stripe' },
    targets: [{ type: 'subscription', id: subscriptionId }],
    context: { requestId: newId('request') },
    changes,
  })
}
