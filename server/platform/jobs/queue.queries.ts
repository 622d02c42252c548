import { sql } from 'kysely'
import type { Db } from '#db/client.ts'
import { olderThanDays, removeInBatches, type Platform } from '../core/index.ts'

// The queue as the servers that work on it see it, across accounts. Times are given by the caller's clock.

export interface NewJob {
  id: string
  /** Null for work of the server itself, which only a system connection can queue. */
  accountId: string | null
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

export interface ClaimedJob {
  id: string
  accountId: string | null
  agentId: string | null
  type: string
  payload: Record<string, unknown>
  progress: Record<string, unknown> | null
  scheduleId: string | null
  /** Of the first attempt. */
  startedAt: string
  /** This one included. */
  attempts: number
  maxAttempts: number
}

interface Claim {
  /** Server that works on them; a new one with every start. */
  owner: string
  /** Those the server knows: while servers of two versions run, not every server knows all. */
  types: string[]
  now: string
  leaseExpiresAt: string
  /** Jobs the server works on at a time. */
  capacity: number
}

/**
 * Takes jobs that are due. Servers that do so at once take different ones. A job waits while another one
 * of its agent, or with its exclusive key, runs or is due before it.
 *
 * Accounts take turns: the first job of each comes before the second of any, those that run included.
 * An account may have as many jobs running as places stay free (a dynamic threshold), so that whoever
 * comes next finds one, however many jobs somebody has. The server itself counts as one of them.
 *
 * @throws a unique violation when another server began a job of the same agent or key in this moment; none is then taken.
 */
export async function claimJobs(systemDb: Db, { owner, types, now, leaseExpiresAt, capacity }: Claim): Promise<ClaimedJob[]> {
  const { rows } = await sql<ClaimedJob>`
    with busy as (
      select coalesce(account_id, '') as account_id, count(*) as running from jobs
      where status = 'running' and lease_owner = ${owner} group by 1
    ), startable as (
      select id, coalesce(account_id, '') as account_id, run_at from jobs as mine
      where status = 'queued' and run_at <= ${now} and type = any(${types})
        and not exists (select from jobs as other where other.agent_id = mine.agent_id and other.status = 'running')
        and not exists (select from jobs as other where other.exclusive_key = mine.exclusive_key and other.status = 'running')
        and not exists (
          select from jobs as earlier where earlier.agent_id = mine.agent_id and earlier.status = 'queued'
            and (earlier.run_at, earlier.id) < (mine.run_at, mine.id))
        and not exists (
          select from jobs as earlier where earlier.exclusive_key = mine.exclusive_key and earlier.status = 'queued'
            and (earlier.run_at, earlier.id) < (mine.run_at, mine.id))
    ), placed as (
      select id, run_at, coalesce(busy.running, 0) + row_number() over (partition by account_id order by run_at, id) as of_account
      from startable left join busy using (account_id)
    ), queue as (
      select id, of_account, row_number() over (order by of_account, run_at, id) as place from placed
    ), chosen as materialized (
      select id from queue where of_account + place - 1 <= ${capacity}::int - (select coalesce(sum(running), 0) from busy)
    ), free as materialized (
      select id from jobs where id = any(array(select id from chosen)) and status = 'queued' for update skip locked
    )
    update jobs set status = 'running', attempts = attempts + 1, lease_owner = ${owner}, lease_expires_at = ${leaseExpiresAt},
      started_at = coalesce(started_at, ${now}), updated_at = ${now}
    where id = any(array(select id from free)) and status = 'queued'
    returning id, account_id, agent_id, type, payload, progress, schedule_id, started_at, attempts, max_attempts`.execute(systemDb)
  return rows
}

/** Keeps the jobs of a server from being given to another. */
export const renewLeases = (systemDb: Db, owner: string, leaseExpiresAt: string) =>
  systemDb.updateTable('jobs').set({ leaseExpiresAt }).where('leaseOwner', '=', owner).execute()

type Mine = Pick<ClaimedJob, 'id' | 'attempts'>

/** Only while the attempt is the server's: who lost its lease writes nothing any more. */
const ofAttempt = (systemDb: Db, owner: string, { id, attempts }: Mine) =>
  systemDb.updateTable('jobs').where('id', '=', id).where('leaseOwner', '=', owner).where('attempts', '=', attempts)

/** @returns whether the attempt was still the server's. */
export async function saveProgress(systemDb: Db, owner: string, job: Mine, progress: Record<string, unknown>): Promise<boolean> {
  const saved = await ofAttempt(systemDb, owner, job)
    .set({ progress: JSON.stringify(progress) })
    .executeTakeFirst()
  return saved.numUpdatedRows > 0n
}

const notLeased = { leaseOwner: null, leaseExpiresAt: null }

export interface JobEnd {
  status: 'completed' | 'failed' | 'skipped'
  result: Record<string, unknown> | null
  error: string | null
  errorCode: string | null
  /** Whether what it was about is forgotten. */
  isEmptied?: boolean
}

export const endJob = (systemDb: Db, owner: string, job: Mine, now: string, { result, isEmptied = false, ...end }: JobEnd) =>
  ofAttempt(systemDb, owner, job)
    .set({ ...end, ...notLeased, result: result && JSON.stringify(result), completedAt: now, updatedAt: now })
    .$if(isEmptied, (query) => query.set({ payload: '{}' }))
    .execute()

/** Of the runs of a schedule that were skipped one after the other for the same reason, only the last one is kept. */
export const deleteRepeatedSkips = (systemDb: Db, jobId: string) =>
  sql`
    delete from jobs as earlier using jobs as last
    where last.id = ${jobId} and last.status = 'skipped' and earlier.schedule_id = last.schedule_id and earlier.id <> last.id
      and earlier.status = 'skipped' and earlier.error_code is not distinct from last.error_code and earlier.scheduled_for < last.scheduled_for
      and not exists (
        select from jobs as between_them where between_them.schedule_id = last.schedule_id
          and between_them.scheduled_for > earlier.scheduled_for and between_them.scheduled_for < last.scheduled_for)`.execute(systemDb)

/** After a failure: once more at `runAt`. */
export const requeueJob = (systemDb: Db, owner: string, job: Mine, now: string, runAt: string, why: { error: string; errorCode: string }) =>
  ofAttempt(systemDb, owner, job)
    .set({ ...why, ...notLeased, status: 'queued', runAt, updatedAt: now })
    .execute()

/** Gives a job back that was cut off because the server stops; the attempt does not count. */
export const handBackJob = (systemDb: Db, owner: string, job: Mine, now: string) =>
  ofAttempt(systemDb, owner, job)
    .set({ ...notLeased, status: 'queued', attempts: sql<number>`attempts - 1`, runAt: now, updatedAt: now })
    .execute()

/** Lets jobs whose server stopped renewing them be tried again, or fail when that was their last attempt. */
export const releaseExpiredJobs = (systemDb: Db, now: string, why: { error: string; errorCode: string }) =>
  systemDb
    .updateTable('jobs')
    .set((eb) => {
      const isLast = eb('attempts', '>=', eb.ref('maxAttempts'))
      return {
        ...why,
        ...notLeased,
        status: eb.case().when(isLast).then('failed').else('queued').end(),
        completedAt: eb
          .case()
          .when(isLast)
          .then(sql<string>`${now}::timestamptz`)
          .else(null)
          .end(),
        updatedAt: now,
      }
    })
    .where('status', '=', 'running')
    .where('leaseExpiresAt', '<=', now)
    .execute()

/** For a server that knows it is the only one, when it starts: what was being worked on can be tried again at once. */
export const expireAllLeases = (systemDb: Db) =>
  systemDb
    .updateTable('jobs')
    .set({ leaseExpiresAt: new Date(0).toISOString() })
    .where('status', '=', 'running')
    .execute()

/** When something becomes due after `now`, as far as is known: a job, or a lease that runs out. */
export async function findNextMoment(systemDb: Db, now: string): Promise<string | null> {
  const { rows } = await sql<{ at: string | null }>`
    select least(
      (select min(run_at) from jobs where status = 'queued' and run_at > ${now}),
      (select min(lease_expires_at) from jobs where status = 'running')
    ) as at`.execute(systemDb)
  return rows[0]!.at
}

/** Wakes all servers to look for work. */
export const notifyWork = (systemDb: Db) => sql`select pg_notify('work', '')`.execute(systemDb)

/** Removes what ended so long ago. */
export const deleteEndedJobs = (platform: Platform, days: number) => removeInBatches(platform, 'jobs', olderThanDays('completed_at', days))

/** Removes all but the newest `maxKept` jobs that ended, of each schedule and of each account for itself. */
export async function deleteJobsBeyond(platform: Platform, maxKept: number): Promise<void> {
  const { rows } = await sql<{ accountId: string | null; scheduleId: string | null }>`
    select account_id, schedule_id from jobs where completed_at is not null
    group by account_id, schedule_id having count(*) > ${maxKept}`.execute(platform.databases.system)
  for (const { accountId, scheduleId } of rows) {
    const isOfThese = sql`account_id is not distinct from ${accountId} and schedule_id is not distinct from ${scheduleId} and completed_at is not null`
    const newest = await sql<{ id: string }>`
      select id from jobs where ${isOfThese} order by id desc offset ${maxKept} limit 1`.execute(platform.databases.system)
    if (newest.rows[0]) await removeInBatches(platform, 'jobs', sql`${isOfThese} and id <= ${newest.rows[0].id}`)
  }
}
