import { findAgentRow } from '#server/agents/definitions/index.ts'
import { requireScope, type Entry, type PlaceByTime, type Slice } from '#server/platform/operations/index.ts'
import { accountOf, type AccountContext, InvalidInput, newId } from '#server/platform/core/index.ts'
import { limitedKeyOf } from '#server/models/metering/index.ts'
import type { CreateTask, ListTasks, ScheduledTask, TaskRef, UpdateTask } from './schedules.contract.ts'
import { TaskNotFound } from './schedules.errors.ts'
import { requireInterval, requireRoom } from './limits.service.ts'
import * as queries from './schedules.queries.ts'
import { type CronTimes, nextRun, problemWithCron } from './schedules.rules.ts'

/** Tasks, newest first. @throws AgentNotFound */
export async function listTasks(ctx: AccountContext, { agentId }: ListTasks): Promise<ScheduledTask[]> {
  if (agentId !== undefined) await findAgentRow(ctx, agentId)
  return (await queries.listSchedules(ctx.db, accountOf(ctx), ['task'], agentId)).map(toTask)
}

/** A page of them. @throws AgentNotFound */
export async function listTaskPage(ctx: AccountContext, { agentId }: ListTasks, { after, limit }: Slice<PlaceByTime>) {
  if (agentId !== undefined) await findAgentRow(ctx, agentId)
  const rows = await queries.listSchedulePage(ctx.db, accountOf(ctx), ['task'], { agentId, after, limit })
  return rows.map((row): Entry<ScheduledTask, PlaceByTime> => ({ node: toTask(row), place: [row.place, row.id] }))
}

/** How many there are. @throws AgentNotFound */
export async function countTasks(ctx: AccountContext, { agentId }: ListTasks): Promise<number> {
  if (agentId !== undefined) await findAgentRow(ctx, agentId)
  return queries.countSchedules(ctx.db, accountOf(ctx), ['task'], agentId)
}

/** @throws Forbidden for a key that may not talk to agents: the task does. AgentNotFound; InvalidInput for a time that never comes; ScheduleTooFrequent, ScheduleLimitReached. */
export async function createTask(ctx: AccountContext, input: CreateTask): Promise<ScheduledTask> {
  requireScope(ctx, 'chat:write')
  const { cronSchedule, timezone, agentId, name, prompt, description, enabled } = input
  await findAgentRow(ctx, agentId)
  const nextRunAt = firstRunOf(ctx, 'cronSchedule', { cronExpression: cronSchedule, timezone }, enabled)
  await requireRoom(ctx)
  const row = await queries.insertSchedule(ctx.db, accountOf(ctx), {
    id: newId('scheduledTask'),
    agentId,
    kind: 'task',
    name,
    description: description ?? null,
    prompt,
    cronExpression: cronSchedule,
    timezone,
    isEnabled: enabled,
    nextRunAt,
    keyId: limitedKeyOf(ctx),
  })
  return toTask(row)
}

/** Changes only what was sent. Its next run is that of the schedule it then has. @throws Forbidden, TaskNotFound, InvalidInput, ScheduleTooFrequent */
export async function updateTask(
  ctx: AccountContext,
  { taskId, cronSchedule, enabled, timezone, ...change }: UpdateTask,
): Promise<ScheduledTask> {
  requireScope(ctx, 'chat:write')
  const task = await queries.lockSchedule(ctx.db, accountOf(ctx), ['task'], taskId)
  if (!task) throw new TaskNotFound(taskId)
  const isEnabled = enabled ?? task.isEnabled
  const times = { cronExpression: cronSchedule ?? task.cronExpression!, timezone: timezone ?? task.timezone }
  const isTimeKept = times.cronExpression === task.cronExpression && times.timezone === task.timezone && isEnabled === task.isEnabled
  const row = await queries.updateSchedule(ctx.db, accountOf(ctx), taskId, {
    ...change,
    keyId: limitedKeyOf(ctx),
    ...(isTimeKept ? {} : { ...times, isEnabled, nextRunAt: firstRunOf(ctx, 'cronSchedule', times, isEnabled) }),
  })
  return toTask(row)
}

/** Takes its runs with it. @throws TaskNotFound */
export async function deleteTask(ctx: AccountContext, { taskId }: TaskRef): Promise<{ success: true; taskId: string }> {
  if (!(await queries.deleteSchedule(ctx.db, accountOf(ctx), ['task'], taskId))) throw new TaskNotFound(taskId)
  return { success: true, taskId }
}

/**
 * When a schedule that begins now comes due first; null while it is switched off.
 *
 * @param field Of the input, for the error.
 * @throws InvalidInput, ScheduleTooFrequent, also for a schedule that is switched off.
 */
export function firstRunOf(ctx: AccountContext, field: string, times: CronTimes, isEnabled: boolean): string | null {
  const now = new Date()
  const problem = problemWithCron(times, now)
  if (problem) throw new InvalidInput([{ field, message: problem }])
  requireInterval(ctx, field, times)
  return isEnabled ? nextRun(times, now)!.toISOString() : null
}

const toTask = (row: queries.ScheduleRow): ScheduledTask => ({
  id: row.id,
  name: row.name,
  description: row.description,
  cronSchedule: row.cronExpression!,
  timezone: row.timezone,
  prompt: row.prompt,
  enabled: row.isEnabled,
  lastRun: row.lastRunAt,
  nextRun: row.nextRunAt,
  agentId: row.agentId,
  createdAt: row.createdAt,
  updatedAt: row.updatedAt,
})
