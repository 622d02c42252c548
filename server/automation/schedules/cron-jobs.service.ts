import { AgentNotFound } from '#server/agents/definitions/index.ts'
import { chooseAgent, NoAgent } from '#server/chat/conversations/index.ts'
import { requireScope, type Entry, type PlaceByTime, type Slice } from '#server/platform/operations/index.ts'
import { accountOf, type AccountContext, InvalidInput, newId } from '#server/platform/core/index.ts'
import { limitedKeyOf } from '#server/models/metering/index.ts'
import type { CreateCronJob, CronJob, CronJobAdded, CronJobRef, CronSchedule } from './schedules.contract.ts'
import { CronJobNotFound } from './schedules.errors.ts'
import { requireInterval, requireRoom } from './limits.service.ts'
import * as queries from './schedules.queries.ts'
import { nextRun, promptOf } from './schedules.rules.ts'
import { firstRunOf } from './tasks.service.ts'

/** A heartbeat is a job of the scheduler too. */
const LISTED: queries.ScheduleKind[] = ['cron', 'heartbeat']
const MAX_PROMPT_LENGTH = 32_000

/** Jobs of the scheduler, newest first, with those that are switched off. */
export async function listCronJobs(ctx: AccountContext): Promise<CronJob[]> {
  return (await queries.listSchedules(ctx.db, accountOf(ctx), LISTED)).map(toCronJob)
}

/** A page of them. */
export async function listCronJobPage(ctx: AccountContext, _input: object, { after, limit }: Slice<PlaceByTime>) {
  const rows = await queries.listSchedulePage(ctx.db, accountOf(ctx), LISTED, { after, limit })
  return rows.map((row): Entry<CronJob, PlaceByTime> => ({ node: toCronJob(row), place: [row.place, row.id] }))
}

/** How many there are. */
export const countCronJobs = (ctx: AccountContext): Promise<number> => queries.countSchedules(ctx.db, accountOf(ctx), LISTED)

/**
 * @throws Forbidden for a key that may not talk to agents: the job does. InvalidInput for a time that never comes, a payload that
 * is too long, and an agent the account does not have; ScheduleTooFrequent, ScheduleLimitReached.
 */
export async function createCronJob(
  ctx: AccountContext,
  { name, schedule, payload, enabled, ...input }: CreateCronJob,
): Promise<CronJobAdded> {
  requireScope(ctx, 'chat:write')
  const prompt = promptOf(payload)
  if (prompt.length > MAX_PROMPT_LENGTH)
    throw new InvalidInput([{ field: 'payload', message: `expected at most ${MAX_PROMPT_LENGTH} characters` }])
  const agentId = await agentOf(ctx, input.agentId)
  const recurrence = recurrenceOf(ctx, schedule, enabled)
  await requireRoom(ctx)
  const row = await queries.insertSchedule(ctx.db, accountOf(ctx), {
    id: newId('cronJob'),
    agentId,
    kind: 'cron',
    name,
    prompt,
    payload,
    isEnabled: enabled,
    ...recurrence,
    keyId: limitedKeyOf(ctx),
  })
  return { success: true, source: 'gateway', jobId: row.id }
}

/** The documented failures of this call know no 404. */
async function agentOf(ctx: AccountContext, agentId: string | undefined): Promise<string> {
  try {
    return await chooseAgent(ctx, agentId)
  } catch (error) {
    if (error instanceof AgentNotFound || error instanceof NoAgent) throw new InvalidInput([{ field: 'agentId', message: error.message }])
    throw error
  }
}

function recurrenceOf(ctx: AccountContext, { kind, expr, timezone = 'UTC', everyMs }: CronSchedule, isEnabled: boolean) {
  if (kind === 'cron') {
    const times = { cronExpression: expr!, timezone }
    return { ...times, nextRunAt: firstRunOf(ctx, 'schedule.expr', times, isEnabled) }
  }
  requireInterval(ctx, 'schedule.everyMs', { everyMs: everyMs! })
  return { everyMs: everyMs!, nextRunAt: isEnabled ? nextRun({ everyMs: everyMs! }, new Date())!.toISOString() : null }
}

/** Takes its runs with it. @throws CronJobNotFound */
export async function deleteCronJob(ctx: AccountContext, { jobId }: CronJobRef): Promise<{ success: true; source: 'gateway' }> {
  if (!(await queries.deleteSchedule(ctx.db, accountOf(ctx), LISTED, jobId))) throw new CronJobNotFound(jobId)
  return { success: true, source: 'gateway' }
}

const toCronJob = (row: queries.ScheduleRow): CronJob => ({
  id: row.id,
  name: row.name,
  enabled: row.isEnabled,
  schedule:
    row.everyMs === null ? { kind: 'cron', expr: row.cronExpression!, timezone: row.timezone } : { kind: 'every', everyMs: row.everyMs },
  payload: (row.payload as Record<string, unknown> | null) ?? { kind: 'systemEvent', text: row.prompt },
  agentId: row.agentId,
  lastRun: row.lastRunAt,
  nextRun: row.nextRunAt,
})
