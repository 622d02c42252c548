import { z } from 'zod'
import { Success, timestamp } from '#server/platform/core/common.contract.ts'

const agentId = z.string().min(1, 'expected the id of an agent')
const LONGEST_PROMPT = 32_000
const prompt = z.string().min(1, 'expected a prompt').max(LONGEST_PROMPT, `expected at most ${LONGEST_PROMPT} characters`)
const name = z.string().min(1, 'expected a name').max(200, 'expected at most 200 characters')
const description = z.string().max(2000, 'expected at most 2000 characters')

export const HeartbeatFrequency = z.enum(['30m', '1h', '2h', '3h', '6h', '12h']).meta({ id: 'HeartbeatFrequency' })

const source = z
  .enum(['gateway', 'db'])
  .meta({ id: 'HeartbeatSource', description: '`gateway`: read from the running scheduler. `db`: stored settings or defaults.' })

export const GetHeartbeat = z.object({
  agentId: z.string().min(1).optional().describe('Agent to read. Without it only `enabled: false` comes back.'),
})
export type GetHeartbeat = z.infer<typeof GetHeartbeat>

export const HeartbeatSettings = z
  .object({
    source,
    enabled: z.boolean(),
    frequency: HeartbeatFrequency.optional(),
    nextRun: timestamp.nullable().optional().describe('Null while none is scheduled.'),
    lastRun: timestamp.nullable().optional().describe('Null before the first.'),
    message: z.string().optional(),
  })
  .meta({ id: 'HeartbeatSettings' })
export type HeartbeatSettings = z.infer<typeof HeartbeatSettings>

export const UpdateHeartbeat = z.object({
  agentId,
  frequency: HeartbeatFrequency.optional().describe('Left out: as it was, at first 30m.'),
  enabled: z.boolean().default(true),
})
export type UpdateHeartbeat = z.output<typeof UpdateHeartbeat>

export const HeartbeatUpdated = z
  .object({ success: z.literal(true), source, enabled: z.boolean(), frequency: HeartbeatFrequency })
  .meta({ id: 'HeartbeatUpdated' })
export type HeartbeatUpdated = z.infer<typeof HeartbeatUpdated>

export const ResetHeartbeat = z.object({ agentId })
export type ResetHeartbeat = z.infer<typeof ResetHeartbeat>
export const HeartbeatReset = Success

/** Whether the time it names ever comes is for the service to say. */
const cronExpression = z
  .string()
  .max(200, 'expected at most 200 characters')
  .regex(/^\s*\S+(\s+\S+){4,5}\s*$/, 'expected five or six fields, such as 30 6 * * *')
  .meta({ description: 'Cron expression with five or six fields (seconds first), in UTC.' })

export const ScheduledTask = z
  .object({
    id: z.string(),
    name: z.string(),
    description: z.string().nullable(),
    cronSchedule: z.string().describe('Cron expression with five or six fields, in UTC.'),
    prompt: z.string(),
    enabled: z.boolean(),
    lastRun: timestamp.nullable(),
    nextRun: timestamp.nullable().describe('Null while it is switched off.'),
    agentId: z.string(),
    createdAt: timestamp,
    updatedAt: timestamp,
  })
  .meta({ id: 'ScheduledTask' })
export type ScheduledTask = z.infer<typeof ScheduledTask>

/** Most schedules one list gives back. */
export const MAX_LISTED = 1000

export const ListTasks = z.object({ agentId: z.string().optional().describe('Only this agent.') })
export type ListTasks = z.infer<typeof ListTasks>
export const TaskList = z.array(ScheduledTask).max(MAX_LISTED)

export const CreateTask = z.object({
  name,
  cronSchedule: cronExpression,
  prompt,
  agentId,
  description: description.optional(),
  enabled: z.boolean().default(true),
})
export type CreateTask = z.output<typeof CreateTask>

const taskId = z.string().min(1, 'expected the id of a task')

export const UpdateTask = z.object({
  taskId,
  name: name.optional(),
  description: description.nullable().optional(),
  cronSchedule: cronExpression.optional(),
  prompt: prompt.optional(),
  enabled: z.boolean().optional(),
})
export type UpdateTask = z.infer<typeof UpdateTask>

export const TaskRef = z.object({ taskId })
export type TaskRef = z.infer<typeof TaskRef>
export const TaskDeleted = z.object({ success: z.literal(true), taskId: z.string() }).meta({ id: 'ScheduledTaskDeleted' })

const YEAR_MS = 366 * 86_400_000

/** One of `everyMs` and `expr`, by `kind`. */
export const CronSchedule = z
  .object({
    kind: z.enum(['every', 'cron']).meta({ id: 'CronScheduleKind' }),
    everyMs: z.int().min(1000).max(YEAR_MS).optional().meta({ format: 'int64', description: 'Interval in milliseconds.' }),
    expr: cronExpression.optional(),
  })
  .superRefine(({ kind, everyMs, expr }, check) => {
    if (kind === 'every' && everyMs === undefined) check.addIssue({ code: 'custom', path: ['everyMs'], message: 'expected an interval' })
    if (kind === 'cron' && expr === undefined) check.addIssue({ code: 'custom', path: ['expr'], message: 'expected a cron expression' })
  })
  .meta({ id: 'CronSchedule', description: '`every` has `everyMs`, `cron` has `expr`.' })
export type CronSchedule = z.infer<typeof CronSchedule>

const payload = z.record(z.string(), z.unknown())

export const CronJob = z
  .object({
    id: z.string(),
    name: z.string(),
    enabled: z.boolean(),
    schedule: CronSchedule,
    payload,
    agentId: z.string(),
    lastRun: timestamp.nullable(),
    nextRun: timestamp.nullable(),
  })
  .meta({ id: 'CronJob' })
export type CronJob = z.infer<typeof CronJob>

export const ListCronJobs = z.object({})
export const CronJobList = z.array(CronJob).max(MAX_LISTED)

export const CreateCronJob = z.object({
  name,
  schedule: CronSchedule,
  payload: payload
    .refine((value) => Object.keys(value).length > 0, 'expected at least one property')
    .describe('The agent is asked its `text`, `message` or `prompt`; without one, all of it.'),
  enabled: z.boolean().default(true),
  agentId: agentId.optional().describe('Agent to run; your oldest when left out.'),
})
export type CreateCronJob = z.output<typeof CreateCronJob>
const gateway = z.literal('gateway')
export const CronJobAdded = z
  .object({ success: z.literal(true), source: gateway, jobId: z.string().describe('Id of the new job.') })
  .meta({ id: 'CronJobAdded' })
export type CronJobAdded = z.infer<typeof CronJobAdded>

export const CronJobRef = z.object({ jobId: z.string().min(1, 'expected the id of a job') })
export type CronJobRef = z.infer<typeof CronJobRef>
export const CronJobRemoved = z.object({ success: z.literal(true), source: gateway }).meta({ id: 'CronJobRemoved' })

export const RunOutcome = z
  .enum(['queued', 'running', 'answered', 'failed', 'skipped'])
  .meta({ id: 'ScheduleRunOutcome', description: 'A run is `skipped` when the agent was not asked: it does not run, say.' })

export const ScheduleRun = z
  .object({
    id: z.string(),
    scheduledFor: timestamp,
    startedAt: timestamp.nullable(),
    endedAt: timestamp.nullable(),
    outcome: RunOutcome,
    attempts: z.int().min(0),
    reply: z.string().nullable().describe('What the agent answered.'),
    messageId: z.string().nullable().describe('Stored message the agent was asked with.'),
    error: z.string().nullable().describe('Why it failed or was skipped, or why the last attempt failed.'),
    errorCode: z.string().nullable(),
  })
  .meta({ id: 'ScheduleRun' })
export type ScheduleRun = z.infer<typeof ScheduleRun>

export const ListRuns = z.object({
  scheduleId: z.string().min(1).describe('Id of a scheduled task, a cron job or a heartbeat (which the list of cron jobs has).'),
  limit: z.int().min(1).max(100).default(50),
})
export const FilterRuns = ListRuns.pick({ scheduleId: true })
export type FilterRuns = z.output<typeof FilterRuns>
export type ListRuns = z.output<typeof ListRuns>
export const RunList = z.array(ScheduleRun).max(100)
