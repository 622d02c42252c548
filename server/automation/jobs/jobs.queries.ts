import { sql } from 'kysely'
import type { Db } from '#db/client.ts'
import { exactTime, isOlderThan, type TimePlace } from '#db/keyset.ts'
import { olderThanDays, removeInBatches } from '#server/platform/core/batches.ts'
import type { AccountId, Platform } from '#server/platform/core/context.ts'

const jobColumns = [
  'id',
  'agentId',
  'status',
  'error',
  'result',
  'attempts',
  'maxAttempts',
  'createdAt',
  'updatedAt',
  'startedAt',
  'completedAt',
] as const

/** Jobs callers asked for; runs of schedules are seen through their schedule. */
export const findJob = (db: Db, accountId: AccountId, jobId: string) =>
  db
    .selectFrom('jobs')
    .where('accountId', '=', accountId)
    .where('id', '=', jobId)
    .where('scheduleId', 'is', null)
    .select(jobColumns)
    .executeTakeFirst()

/** Whether anybody has such a job. */
export const existsJob = async (systemDb: Db, jobId: string): Promise<boolean> =>
  (await systemDb.selectFrom('jobs').where('id', '=', jobId).where('scheduleId', 'is', null).select('id').executeTakeFirst()) !== undefined

export interface NewJob {
  id: string
  accountId: string
  agentId: string | null
  type: string
  payload: Record<string, unknown>
  maxAttempts: number
  /** Not before; ISO 8601. */
  runAt: string
  slots?: number
  exclusiveKey?: string
  /** What this is a run of, and for which moment; one that is there already stays as it is. */
  run?: { scheduleId: string; scheduledFor: string }
}

export async function insertJobs(db: Db, jobs: NewJob[]): Promise<void> {
  if (jobs.length === 0) return
  await db
    .insertInto('jobs')
    .values(jobs.map(({ payload, run, ...job }) => ({ ...job, payload: JSON.stringify(payload), ...run })))
    .onConflict((oc) => oc.columns(['scheduleId', 'scheduledFor']).doNothing())
    .execute()
}

/** Slots taken in the last minute, oldest first; the account stays locked, so that two callers cannot both take the last. */
export async function lockTakenSlots(db: Db, accountId: AccountId) {
  await db.selectFrom('accounts').where('id', '=', accountId).select('id').forUpdate().execute()
  return db
    .selectFrom('jobs')
    .where('accountId', '=', accountId)
    .where('slots', '>', 0)
    .where('createdAt', '>', sql<string>`now() - interval '1 minute'`)
    .select(['slots', sql<number>`extract(epoch from created_at + interval '1 minute' - now())::float8`.as('freeInSeconds')])
    .orderBy('createdAt')
    .execute()
}

const runsOf = (db: Db, accountId: AccountId, scheduleId: string) =>
  db.selectFrom('jobs').where('accountId', '=', accountId).where('scheduleId', '=', scheduleId)

/** Runs of a schedule, newest first, from behind a place; `place` is when each was due, exactly. */
export const listRuns = (db: Db, accountId: AccountId, scheduleId: string, limit: number, after?: TimePlace) =>
  runsOf(db, accountId, scheduleId)
    .$if(after !== undefined, (query) => query.where(isOlderThan('scheduledFor', after!)))
    .select(['id', 'scheduledFor', 'status', 'startedAt', 'completedAt', 'attempts', 'result', 'error', 'errorCode'])
    .select([sql<string | null>`progress ->> 'messageId'`.as('messageId'), exactTime('scheduledFor').as('place')])
    .orderBy('scheduledFor', 'desc')
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()

export async function countRuns(db: Db, accountId: AccountId, scheduleId: string): Promise<number> {
  const { count } = await runsOf(db, accountId, scheduleId)
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  return count
}

/** Jobs of the account that have not ended, runs of schedules aside. */
export async function countOpenJobs(db: Db, accountId: AccountId): Promise<number> {
  const { count } = await db
    .selectFrom('jobs')
    .where('accountId', '=', accountId)
    .where('status', 'in', ['queued', 'running'])
    .where('scheduleId', 'is', null)
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  return count
}

/** Removes what ended so long ago. */
export const deleteEndedJobs = (platform: Platform, days: number) => removeInBatches(platform, 'jobs', olderThanDays('completed_at', days))

/** Removes all but the newest `maxKept` jobs that ended, of each schedule and of each account for itself. */
export async function deleteJobsBeyond(platform: Platform, maxKept: number): Promise<void> {
  const { rows } = await sql<{ accountId: string; scheduleId: string | null }>`
    select account_id, schedule_id from jobs where completed_at is not null
    group by account_id, schedule_id having count(*) > ${maxKept}`.execute(platform.databases.system)
  for (const { accountId, scheduleId } of rows) {
    const isOfThese = sql`account_id = ${accountId} and schedule_id is not distinct from ${scheduleId} and completed_at is not null`
    const newest = await sql<{ id: string }>`
      select id from jobs where ${isOfThese} order by id desc offset ${maxKept} limit 1`.execute(platform.databases.system)
    if (newest.rows[0]) await removeInBatches(platform, 'jobs', sql`${isOfThese} and id <= ${newest.rows[0].id}`)
  }
}
