import { quotasFor } from '#server/money/billing/index.ts'
import { type Platform, newId, inTransaction } from '#server/platform/core/index.ts'
import type { Clock } from '#server/platform/jobs/index.ts'
import { enqueueJobs, type NewJob } from '../jobs/index.ts'
import * as queries from './due.queries.ts'
import { SCHEDULED_RUN } from './runs.service.ts'
import { nextAllowedRun } from './schedules.rules.ts'

/** How many schedules one transaction takes. */
const BATCH = 500
/** The next beat comes soon enough; a task would be lost. */
const ATTEMPTS = { heartbeat: 1, other: 3 }

/**
 * Queues a run for every schedule that is due and moves each to its next time, in one transaction: a
 * run is queued once, whichever servers look. What came due several times while no server ran gets one
 * run, for the earliest of those times. A schedule whose last run has not ended is passed over until its next time.
 *
 * @returns when the next one comes due.
 */
export async function queueDueRuns(platform: Platform, clock: Clock): Promise<Date | null> {
  while ((await queueBatch(platform, clock.now())) === BATCH);
  const next = await queries.findNextDue(platform.databases.system)
  return next === null ? null : new Date(next)
}

async function queueBatch(platform: Platform, now: Date): Promise<number> {
  const { databases, log } = platform
  return inTransaction(databases.system, async (db) => {
    const due = await queries.lockDueSchedules(db, now.toISOString(), BATCH)
    if (due.length === 0) return 0
    // Were the others queued, runs of a schedule that is faster than its agent would pile up.
    const runs = due.filter(({ hasOpenRun }) => !hasOpenRun).map((schedule) => toJob(schedule, now))
    await enqueueJobs(db, runs)
    await queries.moveSchedules(
      db,
      due.map((schedule) => ({ id: schedule.id, nextRunAt: nextOf(platform, schedule, now) })),
    )
    log.debug({ schedules: due.length, runs: runs.length }, 'queued what is due')
    return due.length
  })
}

const toJob = ({ id, accountId, agentId, kind, prompt, nextRunAt, keyId }: queries.DueSchedule, now: Date): NewJob => ({
  id: newId('job'),
  accountId,
  agentId,
  type: SCHEDULED_RUN,
  payload: { prompt, ...(keyId === null ? {} : { keyId }) },
  maxAttempts: kind === 'heartbeat' ? ATTEMPTS.heartbeat : ATTEMPTS.other,
  runAt: now.toISOString(),
  run: { scheduleId: id, scheduledFor: nextRunAt },
})

/** Null when there is none: an expression that could be read when it was saved, and cannot any more, must not stop the others. */
function nextOf(platform: Platform, { cronExpression, everyMs, nextRunAt, ...account }: queries.DueSchedule, now: Date): string | null {
  const { minScheduleSeconds } = quotasFor(platform, account)
  try {
    const recurrence = cronExpression === null ? { everyMs: everyMs! } : { cronExpression }
    return nextAllowedRun(recurrence, new Date(nextRunAt), now, minScheduleSeconds * 1000)?.toISOString() ?? null
  } catch {
    return null
  }
}
