import { z } from 'zod'
import { DEFAULT_AGENT_RULE } from '#server/agents/definitions/agents.contract.ts'
import { Success, timestamp } from '#server/platform/core/common.contract.ts'
import { boundedJson, nameText, spokenText } from '#server/platform/core/texts.contract.ts'
import { Timezone } from './timezone.contract.ts'

const agentId = z.string().min(1, 'expected the id of an agent')
const MAX_PROMPT_LENGTH = 32_000
const prompt = spokenText(MAX_PROMPT_LENGTH)
const name = nameText(200)
const description = z.string().max(2000, 'expected at most 2000 characters')

export const HeartbeatFrequency = z.enum(['30m', '1h', '2h', '3h', '6h', '12h']).meta({
  id: 'HeartbeatFrequency',
  description: 'How often an agent is asked.',
  'x-enumDescriptions': {
    '30m': 'Every 30 minutes.',
    '1h': 'Every hour.',
    '2h': 'Every 2 hours.',
    '3h': 'Every 3 hours.',
    '6h': 'Every 6 hours.',
    '12h': 'Every 12 hours.',
  },
})

const source = z.enum(['gateway', 'db']).meta({
  id: 'HeartbeatSource',
  description: '`gateway`: read from the running scheduler. `db`: stored settings or defaults.',
  'x-enumDescriptions': { gateway: 'Read from the running scheduler.', db: 'Stored settings, or defaults.' },
})

export const GetHeartbeat = z.object({
  agentId: z.string().min(1).optional().describe('Agent to read. Without it only `enabled: false` comes back.'),
})
export type GetHeartbeat = z.infer<typeof GetHeartbeat>

export const HeartbeatSettings = z
  .object({
    source,
    enabled: z.boolean().describe('Whether it is switched on.'),
    frequency: HeartbeatFrequency.optional(),
    nextRun: timestamp.nullable().optional().describe('Null while none is scheduled.'),
    lastRun: timestamp.nullable().optional().describe('Null before the first.'),
    message: z.string().optional().describe('What the agent is asked.'),
  })
  .meta({ id: 'HeartbeatSettings', description: 'How often an agent is asked without anybody writing to it.' })
export type HeartbeatSettings = z.infer<typeof HeartbeatSettings>

export const UpdateHeartbeat = z.object({
  agentId: agentId.describe('Id of the agent.'),
  frequency: HeartbeatFrequency.optional().describe('Left out: as it was, at first 30m.'),
  enabled: z.boolean().default(true).describe('Whether to switch it on; on when left out.'),
})
export type UpdateHeartbeat = z.output<typeof UpdateHeartbeat>

export const HeartbeatUpdated = z
  .object({
    success: z.literal(true).describe('Always true: a failure is an error instead.'),
    source,
    enabled: z.boolean().describe('Whether it is switched on.'),
    frequency: HeartbeatFrequency,
  })
  .meta({ id: 'HeartbeatUpdated', description: 'Heartbeat settings as they are now.' })
export type HeartbeatUpdated = z.infer<typeof HeartbeatUpdated>

export const ResetHeartbeat = z.object({ agentId: agentId.describe('Id of the agent.') })
export type ResetHeartbeat = z.infer<typeof ResetHeartbeat>
export const HeartbeatReset = Success

/** Whether the time it names ever comes is for the service to say. */
const cronExpression = z
  .string()
  .max(200, 'expected at most 200 characters')
  .regex(/^\s*\S+(\s+\S+){4,5}\s*$/, 'expected five or six fields, such as 30 6 * * *')
  .meta({ description: 'Cron expression with five or six fields (seconds first).' })

export const ScheduledTask = z
  .object({
    id: z.string().describe('Its id.'),
    name: z.string().describe('What it is called.'),
    description: z.string().nullable().describe('What it is for; null when nobody said.'),
    cronSchedule: z.string().describe('Cron expression with five or six fields.'),
    timezone: z.string().describe('Time zone the expression is meant in.'),
    prompt: z.string().describe('What the agent is asked.'),
    enabled: z.boolean().describe('Whether it is switched on.'),
    lastRun: timestamp.nullable().describe('When the agent was last asked; null before the first time.'),
    nextRun: timestamp.nullable().describe('Null while it is switched off.'),
    agentId: z.string().describe('Id of the agent that is asked.'),
    createdAt: timestamp.describe('When it was made.'),
    updatedAt: timestamp.describe('When it was last changed.'),
  })
  .meta({ id: 'ScheduledTask', description: 'Something an agent is asked at set times.' })
export type ScheduledTask = z.infer<typeof ScheduledTask>

/** Most schedules one list gives back. */
export const MAX_LISTED = 1000

export const ListTasks = z.object({ agentId: z.string().optional().describe('Only this agent.') })
export type ListTasks = z.infer<typeof ListTasks>
export const TaskList = z.array(ScheduledTask).max(MAX_LISTED)

export const CreateTask = z.object({
  name: name.describe('What to call it, 1 to 200 characters.'),
  cronSchedule: cronExpression,
  timezone: Timezone.default('UTC').describe('Time zone the expression is meant in, such as `Europe/Lisbon`; UTC when left out.'),
  prompt: prompt.describe('What to ask the agent, 1 to 32,000 characters.'),
  agentId: agentId.describe('Id of the agent to ask.'),
  description: description.optional().describe('What it is for.'),
  enabled: z.boolean().default(true).describe('Whether it is switched on; on when left out.'),
})
export type CreateTask = z.output<typeof CreateTask>

const taskId = z.string().min(1, 'expected the id of a task')

export const UpdateTask = z.object({
  taskId: taskId.describe('Id of the task.'),
  name: name.optional().describe('What to call it, 1 to 200 characters.'),
  description: description.nullable().optional().describe('What it is for; null removes it.'),
  cronSchedule: cronExpression.optional(),
  timezone: Timezone.optional().describe('Time zone the expression is meant in, such as `Europe/Lisbon`.'),
  prompt: prompt.optional().describe('What to ask the agent, 1 to 32,000 characters.'),
  enabled: z.boolean().optional().describe('Whether it is switched on.'),
})
export type UpdateTask = z.infer<typeof UpdateTask>

export const TaskRef = z.object({ taskId: taskId.describe('Id of the task.') })
export type TaskRef = z.infer<typeof TaskRef>
export const TaskDeleted = z
  .object({
    success: z.literal(true).describe('Always true: a failure is an error instead.'),
    taskId: z.string().describe('Id of the task.'),
  })
  .meta({ id: 'ScheduledTaskDeleted', description: 'A scheduled task that is gone.' })

const YEAR_MS = 366 * 86_400_000

/** One of `everyMs` and `expr`, by `kind`. */
export const CronSchedule = z
  .object({
    kind: z.enum(['every', 'cron']).meta({
      id: 'CronScheduleKind',
      description: 'How the times of a job are given.',
      'x-enumDescriptions': { every: 'By the interval between them.', cron: 'By a cron expression.' },
    }),
    everyMs: z.int().min(1000).max(YEAR_MS).optional().meta({ format: 'int64', description: 'Interval in milliseconds.' }),
    expr: cronExpression.optional(),
    timezone: Timezone.optional().describe('Time zone `expr` is meant in, such as `Europe/Lisbon`; UTC when left out.'),
  })
  .superRefine(({ kind, everyMs, expr, timezone: zone }, check) => {
    if (kind === 'every' && zone !== undefined)
      check.addIssue({ code: 'custom', path: ['timezone'], message: 'expected none: an interval is the same everywhere' })
    if (kind === 'every' && everyMs === undefined) check.addIssue({ code: 'custom', path: ['everyMs'], message: 'expected an interval' })
    if (kind === 'cron' && expr === undefined) check.addIssue({ code: 'custom', path: ['expr'], message: 'expected a cron expression' })
  })
  .meta({ id: 'CronSchedule', description: '`every` has `everyMs`, `cron` has `expr` and `timezone`.' })
export type CronSchedule = z.infer<typeof CronSchedule>

const payload = z.record(z.string(), z.unknown())

export const CronJob = z
  .object({
    id: z.string().describe('Its id.'),
    name: z.string().describe('What it is called.'),
    enabled: z.boolean().describe('Whether it is switched on.'),
    schedule: CronSchedule,
    payload: payload.describe('What the agent is asked, as it was given.'),
    agentId: z.string().describe('Id of the agent that is asked.'),
    lastRun: timestamp.nullable().describe('When the agent was last asked; null before the first time.'),
    nextRun: timestamp.nullable().describe('When it is asked next; null while the job is switched off.'),
  })
  .meta({ id: 'CronJob', description: 'A job of the scheduler.' })
export type CronJob = z.infer<typeof CronJob>

export const ListCronJobs = z.object({})
export const CronJobList = z.array(CronJob).max(MAX_LISTED)

export const CreateCronJob = z.object({
  name: name.describe('What to call it, 1 to 200 characters.'),
  schedule: CronSchedule,
  payload: boundedJson({ maxBytes: 100_000, maxDepth: 20 })
    .refine((value) => Object.keys(value).length > 0, 'expected at least one property')
    .describe('The agent is asked its `text`, `message` or `prompt`; without one, all of it. At most 100,000 bytes as JSON, in 20 levels.'),
  enabled: z.boolean().default(true).describe('Whether it is switched on; on when left out.'),
  agentId: agentId.optional().describe(`Agent to run. When left out: ${DEFAULT_AGENT_RULE}.`),
})
export type CreateCronJob = z.output<typeof CreateCronJob>
const gateway = z.literal('gateway')
export const CronJobAdded = z
  .object({
    success: z.literal(true).describe('Always true: a failure is an error instead.'),
    source: gateway.describe('Always `gateway`.'),
    jobId: z.string().describe('Id of the new job.'),
  })
  .meta({ id: 'CronJobAdded', description: 'A job that was added to the scheduler.' })
export type CronJobAdded = z.infer<typeof CronJobAdded>

export const CronJobRef = z.object({ jobId: z.string().min(1, 'expected the id of a job').describe('Id of the job.') })
export type CronJobRef = z.infer<typeof CronJobRef>
export const CronJobRemoved = z
  .object({
    success: z.literal(true).describe('Always true: a failure is an error instead.'),
    source: gateway.describe('Always `gateway`.'),
  })
  .meta({ id: 'CronJobRemoved', description: 'A job that is gone from the scheduler.' })

export const RunOutcome = z.enum(['queued', 'running', 'answered', 'failed', 'skipped']).meta({
  id: 'ScheduleRunOutcome',
  description: 'A run is `skipped` when the agent was not asked: it does not run, say.',
  'x-enumDescriptions': {
    queued: 'Waits for its turn, or for its next attempt.',
    running: 'The agent is being asked.',
    answered: 'The agent answered.',
    failed: 'It was given up.',
    skipped: 'The agent was not asked.',
  },
})

export const ScheduleRun = z
  .object({
    id: z.string().describe('Its id.'),
    scheduledFor: timestamp.describe('When it was due.'),
    startedAt: timestamp.nullable().describe('When the agent was first asked; null before that.'),
    endedAt: timestamp.nullable().describe('When it was over; null before that.'),
    outcome: RunOutcome,
    attempts: z.int().min(0).describe('How often it was begun.'),
    reply: z.string().nullable().describe('What the agent answered.'),
    messageId: z.string().nullable().describe('Stored message the agent was asked with.'),
    error: z.string().nullable().describe('Why it failed or was skipped, or why the last attempt failed.'),
    errorCode: z.string().nullable().describe('Code of that error; null when there is none.'),
  })
  .meta({ id: 'ScheduleRun', description: 'One time a schedule came due.' })
export type ScheduleRun = z.infer<typeof ScheduleRun>

export const ListRuns = z.object({
  scheduleId: z.string().min(1).describe('Id of a scheduled task, a cron job or a heartbeat (which the list of cron jobs has).'),
  limit: z.int().min(1).max(100).default(50).describe('Most runs to give back.'),
})
export const FilterRuns = ListRuns.pick({ scheduleId: true })
export type FilterRuns = z.output<typeof FilterRuns>
export type ListRuns = z.output<typeof ListRuns>
export const RunList = z.array(ScheduleRun).max(100)
