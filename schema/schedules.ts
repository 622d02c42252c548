import { operations } from '#server/operations.ts'
import { exposeMutations, exposeQueries } from './expose.ts'

const { schedules } = operations

exposeQueries({
  heartbeat: schedules.heartbeat,
  scheduledTasks: schedules.tasks,
  cronJobs: schedules.cronJobs,
  scheduleRuns: schedules.runs,
})

exposeMutations({
  updateHeartbeat: schedules.updateHeartbeat,
  resetHeartbeat: schedules.resetHeartbeat,
  createScheduledTask: schedules.createTask,
  updateScheduledTask: schedules.updateTask,
  deleteScheduledTask: schedules.deleteTask,
  createCronJob: schedules.createCronJob,
  deleteCronJob: schedules.deleteCronJob,
})
