import type { PlaceByTime } from '#server/platform/operations/index.ts'
import type { Db } from '#db/client.ts'
import { accountOf, type AccountContext, type Platform } from '#server/platform/core/index.ts'
import type { GetJob, Job } from './jobs.contract.ts'
import { JobNotFound, JobForbidden, queue } from '#server/platform/jobs/index.ts'
import * as queries from './jobs.queries.ts'

export type { NewJob } from '#server/platform/jobs/index.ts'

/** Jobs that ended, of one schedule, or of an account without those of schedules. */
const MAX_ENDED_JOBS = 1000

/** @throws JobNotFound, JobForbidden */
export async function getJob(ctx: AccountContext, { jobId }: GetJob): Promise<Job> {
  const job = await queries.findJob(ctx.db, accountOf(ctx), jobId)
  if (job) return { ...job, userId: accountOf(ctx), jobType: 'gateway_chat_completion', lane: 'runtime_exec' } as Job
  // Whether somebody else has it, this account's connection cannot see.
  if (await queries.existsJob(ctx.platform.databases.system, jobId)) throw new JobForbidden()
  throw new JobNotFound(jobId)
}

/** Queues jobs in the transaction that decides on them; they begin when it is committed. */
export const enqueueJobs = (db: Db, jobs: queue.NewJob[]): Promise<void> => queue.insertJobs(db, jobs)

/** Runs of a schedule, newest first, from behind a place; at most `limit`. */
export const listRunsOf = (ctx: AccountContext, scheduleId: string, limit: number, after?: PlaceByTime) =>
  queries.listRuns(ctx.db, accountOf(ctx), scheduleId, limit, after)

export type RunRow = Awaited<ReturnType<typeof listRunsOf>>[number]

/** How many runs of a schedule are kept. */
export const countRunsOf = (ctx: AccountContext, scheduleId: string): Promise<number> =>
  queries.countRuns(ctx.db, accountOf(ctx), scheduleId)

/** Runs and jobs that ended are kept for as long as the operator says, and only the newest of them. */
export async function forgetOldJobs(platform: Platform): Promise<void> {
  await queue.deleteEndedJobs(platform, platform.env.RUN_RETENTION_DAYS)
  await queue.deleteJobsBeyond(platform, MAX_ENDED_JOBS)
}

/** For a server that knows it is the only one, when it starts. */
export const releaseInterruptedJobs = (platform: Platform) => queue.expireAllLeases(platform.databases.system)
