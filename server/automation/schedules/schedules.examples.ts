import { exampleIds } from '#server/platform/operations/index.ts'

const agent = { agentId: exampleIds.agent } as const
const createdAt = '2026-03-02T06:40:00.000Z'

const task = {
  id: exampleIds.task,
  name: 'Morning tides',
  description: 'Daily.',
  cronSchedule: '30 6 * * *',
  timezone: 'UTC',
  prompt: 'Post the tide table.',
  enabled: true,
  lastRun: null,
  nextRun: '2026-03-03T06:30:00.000Z',
  ...agent,
  createdAt,
  updatedAt: createdAt,
} as const

const { name, description, cronSchedule, prompt, enabled } = task

const cronJob = {
  name: 'Evening digest',
  schedule: { kind: 'cron', expr: '0 19 * * *' },
  payload: { kind: 'systemEvent', text: 'Sum up the day.' },
  enabled: true,
} as const

export const examples = {
  heartbeat: {
    input: agent,
    output: { source: 'gateway', enabled: true, frequency: '3h', nextRun: '2026-03-02T09:40:00.000Z', lastRun: createdAt },
  },
  updateHeartbeat: {
    input: { ...agent, frequency: '3h', enabled: true },
    output: { success: true, source: 'gateway', enabled: true, frequency: '3h' },
  },
  resetHeartbeat: { input: agent, output: { success: true } },
  tasks: { input: {}, output: [task] },
  createTask: { input: { ...agent, name, description, cronSchedule, prompt, enabled }, output: task },
  updateTask: {
    input: {
      taskId: exampleIds.task,
      name: 'Evening tides',
      description: null,
      cronSchedule: '30 18 * * *',
      prompt: 'Post the tide table again.',
      enabled: false,
    },
    output: {
      ...task,
      name: 'Evening tides',
      description: null,
      cronSchedule: '30 18 * * *',
      prompt: 'Post the tide table again.',
      enabled: false,
      nextRun: null,
    },
  },
  deleteTask: { input: { taskId: exampleIds.task }, output: { success: true, taskId: exampleIds.task } },
  cronJobs: {
    input: {},
    output: [{ id: exampleIds.cronJob, ...cronJob, ...agent, lastRun: null, nextRun: '2026-03-02T19:00:00.000Z' }],
  },
  createCronJob: { input: cronJob, output: { success: true, source: 'gateway', jobId: exampleIds.cronJob } },
  deleteCronJob: { input: { jobId: exampleIds.cronJob }, output: { success: true, source: 'gateway' } },
  runs: {
    input: { scheduleId: exampleIds.task, limit: 5 },
    output: [
      {
        id: exampleIds.job,
        scheduledFor: createdAt,
        startedAt: createdAt,
        endedAt: '2026-03-02T06:40:02.000Z',
        outcome: 'answered',
        attempts: 1,
        reply: 'High water at 07:12.',
        messageId: 'msg_01jdx3y2r4pz91wj5k6m7n8p9q',
        error: null,
        errorCode: null,
      },
    ],
  },
} as const
