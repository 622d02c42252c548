import { AppError, InvalidInput } from '#server/platform/core/index.ts'

export class TaskNotFound extends AppError {
  constructor(taskId: string) {
    super('not_found', 'TASK_NOT_FOUND', `There is no scheduled task "${taskId}".`, { taskId })
  }
}

export class CronJobNotFound extends AppError {
  constructor(jobId: string) {
    super('not_found', 'CRON_JOB_NOT_FOUND', `There is no cron job "${jobId}".`, { jobId })
  }
}

export class ScheduleNotFound extends AppError {
  constructor(scheduleId: string) {
    super('not_found', 'SCHEDULE_NOT_FOUND', `There is no schedule "${scheduleId}".`, { scheduleId })
  }
}

export class ScheduleLimitReached extends AppError {
  constructor(current: number, limit: number) {
    super('rate_limited', 'SCHEDULE_LIMIT_REACHED', `The plan allows ${limit} scheduled tasks and cron jobs. Delete one first.`, {
      current,
      limit,
    })
  }
}

/** `current` and `limit` are the time between two runs, in milliseconds. */
export class ScheduleTooFrequent extends InvalidInput {
  constructor(field: string, current: number, limit: number) {
    const message = `expected at least ${limit / 1000} s between two runs, as the plan allows`
    super([{ field, message }], { code: 'SCHEDULE_TOO_FREQUENT', details: { current, limit } })
  }
}
