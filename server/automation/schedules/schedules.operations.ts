import { defineList, defineMutation, defineQuery, definePages, placeByTime } from '#server/platform/operations/index.ts'
import * as cronJobs from './cron-jobs.service.ts'
import * as heartbeats from './heartbeats.service.ts'
import { countRuns, listRunPage, listRuns } from './runs.service.ts'
import * as contract from './schedules.contract.ts'
import * as tasks from './tasks.service.ts'
import { examples } from './schedules.examples.ts'

const reads = { access: 'account', scope: 'agents:read', bucket: 'general' } as const
const writes = { access: 'account', scope: 'agents:write', bucket: 'general' } as const

export const schedules = {
  heartbeat: defineQuery({
    ...reads,
    name: 'schedules.heartbeat',
    summary: 'Get heartbeat settings',
    input: contract.GetHeartbeat,
    output: contract.HeartbeatSettings,
    example: examples.heartbeat,
    run: heartbeats.getHeartbeat,
  }),
  updateHeartbeat: defineMutation({
    ...writes,
    name: 'schedules.updateHeartbeat',
    summary: 'Update heartbeat settings',
    description: 'The next beat comes one interval from now, and each beat asks the agent.',
    input: contract.UpdateHeartbeat,
    output: contract.HeartbeatUpdated,
    example: examples.updateHeartbeat,
    run: heartbeats.updateHeartbeat,
  }),
  resetHeartbeat: defineMutation({
    ...writes,
    name: 'schedules.resetHeartbeat',
    summary: 'Reset heartbeat settings',
    input: contract.ResetHeartbeat,
    output: contract.HeartbeatReset,
    example: examples.resetHeartbeat,
    run: heartbeats.resetHeartbeat,
  }),
  tasks: defineList({
    ...reads,
    name: 'schedules.tasks',
    summary: 'List scheduled tasks',
    description: 'Newest first.',
    input: contract.ListTasks,
    output: contract.TaskList,
    pages: definePages({
      input: contract.ListTasks,
      node: contract.ScheduledTask,
      place: placeByTime,
      list: tasks.listTaskPage,
      count: tasks.countTasks,
    }),
    example: examples.tasks,
    run: tasks.listTasks,
  }),
  createTask: defineMutation({
    ...writes,
    name: 'schedules.createTask',
    summary: 'Create a scheduled task',
    idempotent: true,
    input: contract.CreateTask,
    output: contract.ScheduledTask,
    example: examples.createTask,
    run: tasks.createTask,
  }),
  updateTask: defineMutation({
    ...writes,
    name: 'schedules.updateTask',
    summary: 'Change a scheduled task',
    description: 'Only the fields sent are changed.',
    input: contract.UpdateTask,
    output: contract.ScheduledTask,
    example: examples.updateTask,
    run: tasks.updateTask,
  }),
  deleteTask: defineMutation({
    ...writes,
    name: 'schedules.deleteTask',
    summary: 'Delete a scheduled task',
    input: contract.TaskRef,
    output: contract.TaskDeleted,
    example: examples.deleteTask,
    run: tasks.deleteTask,
  }),
  cronJobs: defineList({
    ...reads,
    name: 'schedules.cronJobs',
    summary: 'List cron jobs',
    description: 'Those that are switched off are included, and so are heartbeats.',
    input: contract.ListCronJobs,
    output: contract.CronJobList,
    pages: definePages({
      input: contract.ListCronJobs,
      node: contract.CronJob,
      place: placeByTime,
      list: cronJobs.listCronJobPage,
      count: cronJobs.countCronJobs,
    }),
    example: examples.cronJobs,
    run: cronJobs.listCronJobs,
  }),
  createCronJob: defineMutation({
    ...writes,
    name: 'schedules.createCronJob',
    summary: 'Add a cron job',
    idempotent: true,
    input: contract.CreateCronJob,
    output: contract.CronJobAdded,
    example: examples.createCronJob,
    run: cronJobs.createCronJob,
  }),
  deleteCronJob: defineMutation({
    ...writes,
    name: 'schedules.deleteCronJob',
    summary: 'Remove a cron job',
    input: contract.CronJobRef,
    output: contract.CronJobRemoved,
    example: examples.deleteCronJob,
    run: cronJobs.deleteCronJob,
  }),
  runs: defineList({
    ...reads,
    name: 'schedules.runs',
    summary: 'List the runs of a scheduled task, a cron job or a heartbeat',
    description:
      'Newest first; the last 1,000 are kept, for 30 days unless the operator says otherwise. Nothing runs while the run before it goes on.',
    scope: 'chat:read',
    input: contract.ListRuns,
    output: contract.RunList,
    pages: definePages({
      input: contract.FilterRuns,
      node: contract.ScheduleRun,
      place: placeByTime,
      list: listRunPage,
      count: countRuns,
    }),
    example: examples.runs,
    run: listRuns,
  }),
}
