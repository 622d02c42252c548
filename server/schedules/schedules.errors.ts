import { AppError } from '../core/errors.ts'

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

/** A run that came due while the one before it had not ended. */
export class EarlierRunOpen extends AppError {
  constructor() {
    super('conflict', 'EARLIER_RUN_OPEN', 'The run before this one had not ended.')
  }
}
