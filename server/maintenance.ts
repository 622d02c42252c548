import { watchCredentials, forgetExpiredSessions, forgetExpiredTokens } from './identity/auth/index.ts'
import { tellOfExpiringKeys } from './identity/keys/index.ts'
import { forgetExpiredPuzzles } from './identity/bots/index.ts'
import { startWorkers } from './workers.ts'
import { forfeitInterruptedLeases, forfeitLeasesOfDead, forgetOldPeriods, tellOfBudgets, watchBudgets } from './money/budgets/index.ts'
import { releaseExpiredHolds, releaseInterruptedHolds } from './money/billing/index.ts'
import { forgetOldUnclaimed } from './money/checkout/index.ts'
import { queueLookups, recoverUsage } from './models/metering/index.ts'
import { forgetOldStripeEvents } from './money/stripe-events/index.ts'
import { checkStripe, sweepStripe } from './money/stripe-webhooks/index.ts'
import { failInterruptedTurns, hearOfTurns } from './chat/turns/index.ts'
import { forgetOldMessages } from './chat/conversations/index.ts'
import { forgetOldAuditEvents, tellAuditHeads } from './platform/audit/index.ts'
import type { Platform } from './platform/core/index.ts'
import { forgetOldInvitations } from './identity/invitations/index.ts'
import { forgetExpiredIdempotencyKeys, releaseInterruptedIdempotencyKeys } from './platform/operations/index.ts'
import { keepServerLease } from './platform/host/index.ts'
import { removeInterruptedUploads, removeDueBytes } from './agents/files/index.ts'
import { eraseDue, stopAgentsOfDeleted } from './automation/deletion/index.ts'
import { forgetOldExports } from './automation/exports/index.ts'
import { forgetOldJobs, releaseInterruptedJobs } from './automation/jobs/index.ts'
import { forgetOldMetrics, keepMetricHours, watchQueues } from './insight/metrics/index.ts'
import {
  reconcilePayments,
  releaseInterruptedPayments,
  refundUnusedPayments,
  releaseExpiredVouchers,
  releaseInterruptedVouchers,
  settleDueSessions,
} from './money/payments/index.ts'
import { settleBookings, watchBookings } from './money/bookings/index.ts'
import { endSplits, expireSplits } from './money/splits/index.ts'
import { expireSends } from './money/wallets/index.ts'
import { driveTransfers } from './money/transfers/index.ts'
import { releaseInterruptedLeases, startWatchdog } from './agents/runtime/index.ts'
import { watchLoad } from './insight/system/index.ts'
import { forgetOldUsage } from './insight/usage/index.ts'

const MINUTE_MS = 60 * 1000
const HOUR_MS = 60 * MINUTE_MS
/** With the time after which a server is taken for dead this is less than a minute. */
const RELEASE_MS = 15 * 1000
/** Base makes a block every two seconds. */
const TRANSFERS_MS = 5 * 1000
const METRICS_MS = 5 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

type Job = (platform: Platform) => Promise<unknown>

/**
 * Tidies up after a server that was killed, and then says every few seconds that this one lives, gives back what
 * dead ones had set aside, settles money that is due every minute, sums what was measured every few minutes and
 * removes what has expired every hour. Also starts to hear of changed credentials, and to look after agents.
 *
 * On the embedded database nobody else can be at work, so what is still open was left behind. On
 * Postgres another server may be working on it; there the leases run out by themselves.
 */
export async function startMaintenance(platform: Platform): Promise<void> {
  await keepServerLease(platform)
  if (!platform.env.DATABASE_URL) {
    await failInterruptedTurns(platform)
    await releaseInterruptedLeases(platform)
    await releaseInterruptedIdempotencyKeys(platform)
    await releaseInterruptedJobs(platform)
    await releaseInterruptedHolds(platform)
    await forfeitInterruptedLeases(platform)
    await releaseInterruptedVouchers(platform)
    await releaseInterruptedPayments(platform)
  }
  await removeInterruptedUploads(platform)
  await watchCredentials(platform)
  await watchBudgets(platform)
  await hearOfTurns(platform)
  await startWatchdog(platform)
  await startWorkers(platform)
  const unhurried = { ...platform, databases: { ...platform.databases, system: platform.databases.maintenance } }
  await repeat(unhurried, HOUR_MS, [
    forgetExpiredSessions,
    forgetExpiredTokens,
    forgetOldInvitations,
    forgetExpiredPuzzles,
    forgetExpiredIdempotencyKeys,
    forgetOldMetrics,
    forgetOldStripeEvents,
    forgetOldUnclaimed,
    forgetOldPeriods,
  ])
  await repeat(platform, RELEASE_MS, [
    releaseExpiredHolds,
    releaseExpiredVouchers,
    forfeitLeasesOfDead,
    tellOfBudgets,
    recoverUsage,
    queueLookups,
  ])
  await repeat(platform, MINUTE_MS, [settleDueSessions, refundUnusedPayments])
  watchQueues(platform)
  watchLoad(platform)
  // They look through much, and a server starts without waiting for that.
  void repeat(unhurried, HOUR_MS, [forgetOldExports, forgetOldJobs, forgetOldMessages, forgetOldUsage, forgetOldAuditEvents])
  void repeat(platform, HOUR_MS, [eraseDue, tellOfExpiringKeys, expireSends, expireSplits])
  void repeat(unhurried, DAY_MS, [tellAuditHeads])
  // They may have much to catch up with, or ask a bucket, and a server starts without waiting for that.
  void repeat(unhurried, METRICS_MS, [keepMetricHours])
  void repeat(platform, METRICS_MS, [removeDueBytes])
  // They ask the chain and Stripe, and a server starts without waiting for that.
  void repeat(platform, TRANSFERS_MS, [driveTransfers])
  void repeat(platform, RELEASE_MS, [watchBookings, settleBookings, endSplits])
  void repeat(platform, MINUTE_MS, [reconcilePayments, stopAgentsOfDeleted])
  void repeat(platform, MINUTE_MS, [sweepStripe])
  void repeat(platform, HOUR_MS, [checkStripe])
}

/** Does the jobs now and then again and again, until the server stops. */
async function repeat(platform: Platform, everyMs: number, jobs: Job[]): Promise<void> {
  const doAll = () =>
    Promise.all(jobs.map((job) => job(platform))).catch((error: unknown) => {
      // What a stop of the server cuts off is done by the next one.
      if (!platform.shutdown.aborted) platform.log.error({ err: error }, 'could not clear away what is over or due')
    })
  await doAll()
  if (platform.shutdown.aborted) return
  const timer = setInterval(doAll, everyMs)
  timer.unref()
  platform.shutdown.addEventListener('abort', () => clearInterval(timer))
}
