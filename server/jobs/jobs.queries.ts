import { sql } from 'kysely'
import type { Db } from '#db/client.ts'
import type { AccountId } from '../core/context.ts'

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

/** Runs of a schedule, newest first. */
export const listRuns = (db: Db, accountId: AccountId, scheduleId: string, limit: number) =>
  db
    .selectFrom('jobs')
    .where('accountId', '=', accountId)
    .where('scheduleId', '=', scheduleId)
    .select(['id', 'scheduledFor', 'status', 'startedAt', 'completedAt', 'attempts', 'result', 'error', 'errorCode'])
    .select(sql<string | null>`progress ->> 'messageId'`.as('messageId'))
    .orderBy('scheduledFor', 'desc')
    .limit(limit)
    .execute()

/** What ended so long ago, in jobs of all accounts. */
export const deleteEndedJobs = (systemDb: Db, days: number) =>
  systemDb
    .deleteFrom('jobs')
    .where('completedAt', '<', sql<string>`now() - make_interval(days => ${days}::int)`)
    .execute()
