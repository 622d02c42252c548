export { queueDueRuns } from './due.service.ts'
export { SCHEDULED_RUN, scheduledRun } from './runs.service.ts'
