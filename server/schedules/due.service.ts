import type { Platform } from '../core/context.ts'
import { newId } from '../core/ids.ts'
import { inTransaction } from '../core/transaction.ts'
import type { Clock } from '../jobs/clock.ts'
import { enqueueJobs, type NewJob } from '../jobs/jobs.service.ts'
import * as queries from './due.queries.ts'
import { SCHEDULED_RUN } from './runs.service.ts'
import { EarlierRunOpen } from './schedules.errors.ts'
import { nextRun } from './schedules.rules.ts'

/** How many schedules one transaction takes. */
const BATCH = 500
/** The next beat comes soon enough; a task would be lost. */
const ATTEMPTS = { heartbeat: 1, other: 3 }

/**
 * Queues a run for every schedule that is due and moves each to its next time, in one transaction: a
 * run is queued once, whichever servers look. What came due several times while no server ran gets one
 * run, for the earliest of those times.
 *
 * @returns when the next one comes due.
 */
export async function queueDueRuns(platform: Platform, clock: Clock): Promise<Date | null> {
  while ((await queueBatch(platform, clock.now())) === BATCH);
  const next = await queries.findNextDue(platform.databases.system)
  return next === null ? null : new Date(next)
}

async function queueBatch({ databases, log }: Platform, now: Date): Promise<number> {
  return inTransaction(databases.system, async (db) => {
    const due = await queries.lockDueSchedules(db, now.toISOString(), BATCH)
    if (due.length === 0) return 0
    await enqueueJobs(
      db,
      due.map((schedule) => toJob(schedule, now)),
    )
    await queries.moveSchedules(
      db,
      due.map((schedule) => ({ id: schedule.id, nextRunAt: nextOf(schedule, now) })),
    )
    log.debug({ schedules: due.length }, 'queued what is due')
    return due.length
  })
}

function toJob({ id, accountId, agentId, kind, prompt, nextRunAt, hasOpenRun }: queries.DueSchedule, now: Date): NewJob {
  const job: NewJob = {
    id: newId('job'),
    accountId,
    agentId,
    type: SCHEDULED_RUN,
    payload: { prompt },
    maxAttempts: kind === 'heartbeat' ? ATTEMPTS.heartbeat : ATTEMPTS.other,
    runAt: now.toISOString(),
    run: { scheduleId: id, scheduledFor: nextRunAt },
  }
  if (!hasOpenRun) return job
  // Were it queued, runs of a schedule that is faster than its agent would pile up.
  const { message, code } = new EarlierRunOpen()
  return { ...job, skipped: { error: message, errorCode: code } }
}

/** Null when there is none: an expression that could be read when it was saved, and cannot any more, must not stop the others. */
function nextOf({ cronExpression, everyMs, nextRunAt }: queries.DueSchedule, now: Date): string | null {
  try {
    const recurrence = cronExpression === null ? { everyMs: everyMs! } : { cronExpression }
    return nextRun(recurrence, now, new Date(nextRunAt))?.toISOString() ?? null
  } catch {
    return null
  }
}
