import { sql } from 'kysely'
import type { Db } from '#db/client.ts'
import { lockAccount } from '#server/platform/account/index.ts'
import type { AccountId } from '#server/platform/core/index.ts'
import { exactTime, isOlderThan, type TimePlace } from '#db/keyset.ts'

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

/** Slots taken in the last minute, oldest first; the account stays locked, so that two callers cannot both take the last. */
export async function lockTakenSlots(db: Db, accountId: AccountId) {
  await lockAccount(db, accountId)
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
