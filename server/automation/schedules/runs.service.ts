import { deliverMessage } from '#server/chat/turns/index.ts'
import { AgentNotFound } from '#server/agents/definitions/index.ts'
import { accountOf, type AccountContext } from '#server/platform/core/index.ts'
import { listRunsOf, withKey } from '../jobs/index.ts'
import type { JobHandler } from '#server/platform/jobs/index.ts'
import type { ListRuns, ScheduleRun } from './schedules.contract.ts'
import { ScheduleNotFound } from './schedules.errors.ts'
import * as queries from './schedules.queries.ts'

/** Type of the jobs that are runs of schedules. */
export const SCHEDULED_RUN = 'scheduled_run'

/** Runs of a task, cron job or heartbeat, newest first. @throws ScheduleNotFound */
export async function listRuns(ctx: AccountContext, { scheduleId, limit }: ListRuns): Promise<ScheduleRun[]> {
  const kinds: queries.ScheduleKind[] = ['task', 'cron', 'heartbeat']
  if (!(await queries.findSchedule(ctx.db, accountOf(ctx), kinds, scheduleId))) throw new ScheduleNotFound(scheduleId)
  const rows = await listRunsOf(ctx, scheduleId, limit)
  return rows.map(({ status, completedAt, result, scheduledFor, ...run }) => ({
    ...run,
    scheduledFor: scheduledFor!,
    endedAt: completedAt,
    outcome: status === 'completed' ? 'answered' : (status as ScheduleRun['outcome']),
    reply: (result as { reply: string } | null)?.reply ?? null,
  }))
}

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
