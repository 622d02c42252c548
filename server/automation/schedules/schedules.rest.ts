import { z } from 'zod'
import { bind } from '#server/platform/operations/index.ts'
import * as contract from './schedules.contract.ts'
import { schedules } from './schedules.operations.ts'

const Tasks = z.object({ tasks: contract.TaskList, count: z.int().min(0) })
const CronJobs = z.object({ jobs: contract.CronJobList, source: z.literal('gateway'), total: z.int().min(0) })

const updateHeartbeat = { tag: 'heartbeat', operation: schedules.updateHeartbeat, errors: [404] }

export const schedulesRest = {
  heartbeat: bind({ id: 'getHeartbeat', tag: 'heartbeat', operation: schedules.heartbeat, errors: [404] }),
  updateHeartbeat: bind({ ...updateHeartbeat, id: 'updateHeartbeat' }),
  updateHeartbeatAlias: bind({ ...updateHeartbeat, id: 'updateHeartbeatAlias' }),
  resetHeartbeat: bind({
    id: 'resetHeartbeat',
    tag: 'heartbeat',
    operation: schedules.resetHeartbeat,
    document: { body: contract.ResetHeartbeat },
    errors: [404],
  }),
  tasks: bind({
    id: 'listScheduledTasks',
    tag: 'scheduling',
    operation: schedules.tasks,
    output: Tasks,
    body: (tasks) => ({ tasks, count: tasks.length }),
  }),
  createTask: bind({ id: 'createScheduledTask', tag: 'scheduling', operation: schedules.createTask, status: 201, errors: [404] }),
  updateTask: bind({ id: 'updateScheduledTask', tag: 'scheduling', operation: schedules.updateTask, errors: [404] }),
  deleteTask: bind({
    id: 'deleteScheduledTask',
    tag: 'scheduling',
    operation: schedules.deleteTask,
    document: { body: contract.TaskRef },
    errors: [404],
  }),
  cronJobs: bind({
    id: 'listCronJobs',
    tag: 'scheduling',
    operation: schedules.cronJobs,
    output: CronJobs,
    body: (jobs) => ({ jobs, source: 'gateway', total: jobs.length }),
  }),
  createCronJob: bind({ id: 'createCronJob', tag: 'scheduling', operation: schedules.createCronJob, errors: [502] }),
  deleteCronJob: bind({ id: 'deleteCronJob', tag: 'scheduling', operation: schedules.deleteCronJob, errors: [404, 502] }),
}
