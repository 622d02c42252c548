import { admitMessage, deliverMessage, requireSpeaker } from '#server/chat/turns/index.ts'
import { NoAgent } from '#server/chat/conversations/index.ts'
import { accountOf, type AccountContext, newId } from '#server/platform/core/index.ts'
import type { ChatQueued, EnqueueChat } from './jobs.contract.ts'
import {
  JobLimitReached,
  NoFreeSlot,
  MAX_OPEN_JOBS,
  secondsUntilFree,
  SLOTS_PER_MINUTE,
  slotsOf,
  type JobHandler,
} from '#server/platform/jobs/index.ts'
import * as queries from './jobs.queries.ts'
import { enqueueJobs } from './jobs.service.ts'
import { withKey } from './with-key.ts'

export const GATEWAY_CHAT = 'gateway_chat_completion'

const MAX_ATTEMPTS = 3

/**
 * Queues a message for the agent that is meant where none is named. The messages of an account are worked on one
 * at a time.
 *
 * @throws what admitMessage throws; NoAgent when none runs; NoFreeSlot, JobLimitReached.
 */
export async function enqueueChat(ctx: AccountContext, { message }: EnqueueChat): Promise<ChatQueued> {
  await admitMessage(ctx)
  const agent = await requireSpeaker(ctx)
  const slots = slotsOf(message)
  const most = Math.max(2, Math.round(SLOTS_PER_MINUTE * ctx.platform.env.RATE_LIMIT_SCALE))
  const wait = secondsUntilFree(slots, most, await queries.lockTakenSlots(ctx.db, accountOf(ctx)))
  if (wait > 0) throw new NoFreeSlot(wait)
  // The account is locked, so that nobody else queues one meanwhile.
  const open = await queries.countOpenJobs(ctx.db, accountOf(ctx))
  if (open >= MAX_OPEN_JOBS) throw new JobLimitReached(open, MAX_OPEN_JOBS)
  const id = newId('job')
  await enqueueJobs(ctx.db, [
    {
      id,
      accountId: accountOf(ctx),
      agentId: agent.id,
      type: GATEWAY_CHAT,
      payload: { message, ...(ctx.actor.kind === 'key' ? { keyId: ctx.actor.keyId } : {}) },
      maxAttempts: MAX_ATTEMPTS,
      runAt: new Date().toISOString(),
      slots,
      exclusiveKey: `${GATEWAY_CHAT} ${accountOf(ctx)}`,
    },
  ])
  return { success: true, queued: true, jobId: id, status: 'queued', agentId: agent.id, agentName: agent.name }
}

/** Has the agent answer a queued message. */
export const gatewayChat: JobHandler = {
  refused: 'failed',
  async run(ctx, { agentId, payload, progress }, saveProgress) {
    if (agentId === null) throw new NoAgent('The agent was deleted.')
    const { message, keyId } = payload as { message: string; keyId?: string }
    const messageId = progress?.messageId as string | undefined
    const caller = keyId ? await withKey(ctx, keyId) : ctx
    return { ...(await deliverMessage(caller, { agentId, message, messageId }, (id) => saveProgress({ messageId: id }))) }
  },
}
