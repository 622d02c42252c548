import { deliverMessage } from '#server/chat/turns/index.ts'
import { AgentNotFound } from '#server/agents/definitions/index.ts'
import { accountOf, type AccountContext } from '#server/platform/core/index.ts'
import { countRunsOf, listRunsOf, type RunRow, withKey } from '../jobs/index.ts'
import type { JobHandler } from '#server/platform/jobs/index.ts'
import type { Entry, PlaceByTime, Slice } from '#server/platform/operations/index.ts'
import type { FilterRuns, ListRuns, ScheduleRun } from './schedules.contract.ts'
import { ScheduleNotFound } from './schedules.errors.ts'
import * as queries from './schedules.queries.ts'

/** Type of the jobs that are runs of schedules. */
export const SCHEDULED_RUN = 'scheduled_run'

/** Runs of a task, cron job or heartbeat, newest first. @throws ScheduleNotFound */
export async function listRuns(ctx: AccountContext, { scheduleId, limit }: ListRuns): Promise<ScheduleRun[]> {
  await requireSchedule(ctx, scheduleId)
  return (await listRunsOf(ctx, scheduleId, limit)).map(toRun)
}

/** A page of them. @throws ScheduleNotFound */
export async function listRunPage(ctx: AccountContext, { scheduleId }: FilterRuns, { after, limit }: Slice<PlaceByTime>) {
  await requireSchedule(ctx, scheduleId)
  const rows = await listRunsOf(ctx, scheduleId, limit, after)
  return rows.map((row): Entry<ScheduleRun, PlaceByTime> => ({ node: toRun(row), place: [row.place, row.id] }))
}

/** How many are kept. @throws ScheduleNotFound */
export async function countRuns(ctx: AccountContext, { scheduleId }: FilterRuns): Promise<number> {
  await requireSchedule(ctx, scheduleId)
  return countRunsOf(ctx, scheduleId)
}

async function requireSchedule(ctx: AccountContext, scheduleId: string): Promise<void> {
  const kinds: queries.ScheduleKind[] = ['task', 'cron', 'heartbeat']
  if (!(await queries.findSchedule(ctx.db, accountOf(ctx), kinds, scheduleId))) throw new ScheduleNotFound(scheduleId)
}

const toRun = ({ status, completedAt, result, scheduledFor, place: _place, ...run }: RunRow): ScheduleRun => ({
  ...run,
  scheduledFor: scheduledFor!,
  endedAt: completedAt,
  outcome: status === 'completed' ? 'answered' : (status as ScheduleRun['outcome']),
  reply: (result as { reply: string } | null)?.reply ?? null,
})

/** Asks the agent what its schedule says. The run is skipped when the agent cannot be asked. */
export const scheduledRun: JobHandler = {
  refused: 'skipped',
  async run(ctx, { agentId, scheduleId, payload, progress, startedAt }, saveProgress) {
    if (agentId === null || scheduleId === null) throw new AgentNotFound(agentId ?? '')
    const messageId = progress?.messageId as string | undefined
    const { prompt, keyId } = payload as { prompt: string; keyId?: string }
    const caller = keyId ? await withKey(ctx, keyId) : ctx
    const delivered = await deliverMessage(caller, { agentId, message: prompt, messageId }, async (id) => {
      await saveProgress({ messageId: id })
      await queries.touchSchedule(ctx.db, accountOf(ctx), scheduleId, startedAt)
    })
    return { ...delivered }
  },
}
