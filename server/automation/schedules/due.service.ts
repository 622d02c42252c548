import { writeLog } from '#server/agents/runtime/index.ts'
import { quotasFor } from '#server/money/billing/index.ts'
import { jobContext } from '#server/platform/account/index.ts'
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
  for (;;) {
    const { count, ended } = await queueBatch(platform, clock.now())
    for (const schedule of ended) await tellOfEnd(platform, schedule)
    if (count < BATCH) break
  }
  const next = await queries.findNextDue(platform.databases.system)
  return next === null ? null : new Date(next)
}

/** A schedule that is switched off, and why. */
interface Ended {
  schedule: queries.DueSchedule
  reason: string
}

async function queueBatch(platform: Platform, now: Date): Promise<{ count: number; ended: Ended[] }> {
  const { databases, log } = platform
  return inTransaction(databases.system, async (db) => {
    const due = await queries.lockDueSchedules(db, now.toISOString(), BATCH)
    const ended: Ended[] = []
    if (due.length === 0) return { count: 0, ended }
    // Were the others queued, runs of a schedule that is faster than its agent would pile up.
    const runs = due.filter(({ hasOpenRun }) => !hasOpenRun).map((schedule) => toJob(schedule, now))
    await enqueueJobs(db, runs)
    await queries.moveSchedules(
      db,
      due.map((schedule) => {
        const next = nextOf(platform, schedule, now)
        if ('reason' in next) ended.push({ schedule, reason: next.reason })
        return { id: schedule.id, nextRunAt: 'at' in next ? next.at : null }
      }),
    )
    log.debug({ schedules: due.length, runs: runs.length }, 'queued what is due')
    return { count: due.length, ended }
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

/** An expression that could be read when it was saved, and cannot any more, must not stop the others. */
function nextOf(
  platform: Platform,
  { cronExpression, timezone, everyMs, nextRunAt, ...account }: queries.DueSchedule,
  now: Date,
): { at: string } | { reason: string } {
  const { minScheduleSeconds } = quotasFor(platform, account)
  try {
    const recurrence = cronExpression === null ? { everyMs: everyMs! } : { cronExpression, timezone }
    const next = nextAllowedRun(recurrence, new Date(nextRunAt), now, minScheduleSeconds * 1000)
    return next ? { at: next.toISOString() } : { reason: 'it never comes due again' }
  } catch (error) {
    return { reason: `its time "${cronExpression}" (${timezone}) cannot be read: ${error instanceof Error ? error.message : 'malformed'}` }
  }
}

/** Whoever relies on a schedule finds in the log of the agent, and the operator in that of the server, that it is over. */
async function tellOfEnd(platform: Platform, { schedule: { id, accountId, agentId, name }, reason }: Ended): Promise<void> {
  platform.log.warn({ scheduleId: id, accountId, agentId, reason }, 'a schedule was switched off')
  const ctx = await jobContext(platform, accountId)
  if (ctx) await writeLog(ctx, agentId, 'agent', 'warn', `The schedule "${name}" was switched off: ${reason}`)
}
