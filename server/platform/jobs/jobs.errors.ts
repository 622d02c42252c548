import { AppError, Forbidden } from '../core/index.ts'

export class JobNotFound extends AppError {
  constructor(jobId: string) {
    super('not_found', 'JOB_NOT_FOUND', `There is no job "${jobId}".`, { jobId })
  }
}

/** The contract tells somebody else's job from one there is not; ids cannot be guessed. */
export class JobForbidden extends Forbidden {
  constructor() {
    super('JOB_FORBIDDEN', 'The job belongs to someone else.')
  }
}

export class NoFreeSlot extends AppError {
  constructor(retryAfterSeconds: number) {
    super('rate_limited', 'NO_FREE_SLOT', `No free slot. Try again in ${retryAfterSeconds} s.`, { retryAfterSeconds })
  }
}

export class JobLimitReached extends AppError {
  constructor(current: number, limit: number) {
    super('rate_limited', 'JOB_LIMIT_REACHED', `${current} jobs wait already; at most ${limit} may. Try again when some have ended.`, {
      current,
      limit,
    })
  }
}

/** What a job was left with when its server died and it may not be tried again. */
export class ServerLost extends AppError {
  constructor() {
    super('internal', 'SERVER_LOST', 'The server that worked on it stopped.')
  }
}
