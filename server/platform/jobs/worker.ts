import { randomUUID } from 'node:crypto'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { jobContext } from '../account/index.ts'
import { type AccountContext, type Platform, isUniqueViolation, toAppError, type AppError } from '../core/index.ts'
import { LeaseRenewal } from '../flow/index.ts'
import type { Clock } from './clock.ts'
import { ServerLost } from './jobs.errors.ts'
import { retryDelayMs } from './jobs.rules.ts'
import * as queue from './queue.queries.ts'

interface AnyHandler {
  /** What a job is called that could not even begin (its error is one of the caller's: 4xx). */
  refused: 'failed' | 'skipped'
  /** How long a job waits after its first failed attempt, its second and so on; the last holds for all further ones. */
  retryDelaysMs?: readonly number[]
}

/** How jobs of one type are done that belong to an account. */
export interface JobHandler extends AnyHandler {
  isOfServer?: false
  /**
   * Does the job as its account. It can be called again for the same job, by any server, with what was
   * saved of earlier attempts in `job.progress`; `saveProgress` throws when the job is no longer this server's.
   *
   * @returns the result that is kept.
   */
  run(
    ctx: AccountContext,
    job: queue.ClaimedJob,
    saveProgress: (progress: Record<string, unknown>) => Promise<void>,
  ): Promise<Record<string, unknown>>
}

/** How jobs of one type are done that are the server's own. Once one is done, what it was about is forgotten. */
export interface ServerJobHandler extends AnyHandler {
  isOfServer: true
  /** It can be called again for the same job, by any server. @returns the result that is kept. */
  run(platform: Platform, job: queue.ClaimedJob): Promise<Record<string, unknown>>
}

/** Jobs one server works on at a time; nearly all of them wait for a model. */
const CAPACITY = 250
/** What a server worked on that was killed is taken over after this long. */
const LEASE_MS = 10_000
const RENEW_EVERY_MS = 3_000
/** How often jobs are taken again that another server was quicker to begin. */
const MAX_CLAIMS = 3

/** Works on the jobs of a database, together with the workers of other servers. */
export class JobWorker {
  readonly #platform: Platform
  readonly #clock: Clock
  readonly #handlers: Record<string, JobHandler | ServerJobHandler>
  readonly #onEnd: () => void
  readonly #owner = randomUUID()
  readonly #running = new Set<Promise<void>>()
  readonly #renewal: LeaseRenewal

  /** @param onEnd Called when a job has ended: there may be room for another one. */
  constructor(platform: Platform, clock: Clock, handlers: Record<string, JobHandler | ServerJobHandler>, onEnd: () => void) {
    this.#platform = platform
    this.#clock = clock
    this.#handlers = handlers
    this.#onEnd = onEnd
    this.#renewal = new LeaseRenewal(
      {
        everyMs: RENEW_EVERY_MS,
        renew: () => queue.renewLeases(platform.databases.system, this.#owner, this.#lease()),
        onFailure: (error) => platform.log.warn({ err: error }, 'could not renew the leases of jobs'),
      },
      clock,
    )
  }

  /** Begins what is due, as far as there is room. @returns when there will be more, as far as is known. */
  async lookForWork(): Promise<Date | null> {
    const { system } = this.#platform.databases
    await this.#renewal.catchUp()
    const now = this.#clock.now().toISOString()
    await queue.releaseExpiredJobs(system, now, describeError(new ServerLost()))
    for (const job of await this.#claim(now)) {
      this.#begin(job)
      // Many jobs begun in one go would keep everybody else waiting: a local model answers without a pause.
      await nextTurn()
    }
    const next = await queue.findNextMoment(system, now)
    return next === null ? null : new Date(next)
  }

  /** Resolves once all jobs have ended that run now. */
  async drain(): Promise<void> {
    await Promise.all(this.#running)
  }

  get isIdle(): boolean {
    return this.#running.size === 0
  }

  async #claim(now: string): Promise<queue.ClaimedJob[]> {
    if (this.#running.size >= CAPACITY) return []
    const { system } = this.#platform.databases
    const claim = { owner: this.#owner, types: Object.keys(this.#handlers), now, leaseExpiresAt: this.#lease(), capacity: CAPACITY }
    for (let claims = 1; ; claims++) {
      try {
        return await queue.claimJobs(system, claim)
      } catch (error) {
        // Another server began a job of the same agent or key in this moment, and nothing was taken.
        if (!isUniqueViolation(error)) throw error
        if (claims === MAX_CLAIMS) return []
      }
    }
  }

  #begin(job: queue.ClaimedJob): void {
    const work = this.#perform(job)
      .catch((error: unknown) => this.#platform.log.error({ err: error, jobId: job.id }, 'could not write down how a job ended'))
      .finally(() => {
        this.#running.delete(work)
        if (this.#running.size === 0) this.#renewal.stop()
        this.#onEnd()
      })
    this.#running.add(work)
    if (this.#running.size === 1) this.#renewal.start()
  }

  async #perform(job: queue.ClaimedJob): Promise<void> {
    const { system } = this.#platform.databases
    const handler = this.#handlers[job.type]!
    try {
      const result = await (handler.isOfServer ? handler.run(this.#platform, job) : this.#performAsAccount(handler, job))
      if (!result) return
      const end = { status: 'completed', result, error: null, errorCode: null, isEmptied: handler.isOfServer === true } as const
      await queue.endJob(system, this.#owner, job, this.#now(), end)
    } catch (error) {
      await this.#fail(job, toAppError(error))
    }
  }

  /** @returns undefined when the account is gone, and its jobs with it. */
  async #performAsAccount(handler: JobHandler, job: queue.ClaimedJob): Promise<Record<string, unknown> | undefined> {
    const ctx = job.accountId === null ? undefined : await jobContext(this.#platform, job.accountId)
    return (
      ctx &&
      handler.run(ctx, job, async (progress) => {
        if (!(await queue.saveProgress(this.#platform.databases.system, this.#owner, job, progress))) throw new ServerLost()
      })
    )
  }

  async #fail(job: queue.ClaimedJob, error: AppError): Promise<void> {
    const { log, shutdown, databases } = this.#platform
    const now = this.#now()
    if (shutdown.aborted) return void (await queue.handBackJob(databases.system, this.#owner, job, now))
    if (error.kind === 'internal') log.error({ err: error.cause ?? error, jobId: job.id }, 'a job failed')
    const { refused, retryDelaysMs } = this.#handlers[job.type]!
    const isRefused = error.status < 500
    if (!isRefused && job.attempts < job.maxAttempts) {
      const runAt = new Date(this.#clock.now().getTime() + retryDelayMs(job.attempts, retryDelaysMs)).toISOString()
      return void (await queue.requeueJob(databases.system, this.#owner, job, now, runAt, describeError(error)))
    }
    const hasBegun = job.progress !== null
    const status = isRefused && !hasBegun ? refused : 'failed'
    await queue.endJob(databases.system, this.#owner, job, now, { status, result: null, ...describeError(error) })
    if (status === 'skipped') await queue.deleteRepeatedSkips(databases.system, job.id)
  }

  #now(): string {
    return this.#clock.now().toISOString()
  }

  #lease(): string {
    return new Date(this.#clock.now().getTime() + LEASE_MS).toISOString()
  }
}

const describeError = ({ message, code }: AppError) => ({ error: message, errorCode: code })
