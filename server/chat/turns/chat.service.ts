import { findAgentRow, findDefaultAgent, lockAgent, type AgentRow } from '#server/agents/definitions/index.ts'
import { requireActivePlan } from '#server/money/billing/index.ts'
import { deletePartialReply, findAgentOfMessage, findAgentOfSession, findUserMessage, NoAgent } from '../conversations/index.ts'
import { countIn, requireScope } from '#server/platform/operations/index.ts'
import { accountOf, type AccountContext, type Platform, newId, inTransaction } from '#server/platform/core/index.ts'
import { EventQueue } from '#server/platform/flow/index.ts'
import { enforceQuota } from '#server/models/metering/index.ts'
import { isOnOwnKey } from '#server/agents/runtime/index.ts'
import { isUpSoon } from '#server/agents/definitions/agent-status.contract.ts'
import type { ChatEvent, ChatReply, RetryMessage, SendMessage } from './chat.contract.ts'
import { AgentNotRunning, MessageNotFound, MessageNotRetryable } from './chat.errors.ts'
import * as queries from './chat.queries.ts'
import { storeMessage } from './store-message.service.ts'
import { eventsOf } from './chat.rules.ts'
import { findReply } from './stored-reply.service.ts'
import { giveUpAbandonedTurns, storeTurn } from './turn-queue.ts'
import { answer, type Turn } from './turn.service.ts'

/**
 * Lets a caller talk to an agent, whichever way the call came: it is counted in the bucket `chat`, and a key needs the
 * scope `chat:write`.
 *
 * @throws RateLimited, Forbidden
 */
export async function admitMessage(ctx: AccountContext): Promise<void> {
  requireScope(ctx, 'chat:write')
  await countIn(ctx, 'chat')
}

/**
 * Stores a message and waits for the agent's answer.
 *
 * @throws what admitMessage throws; PlanRequired, QuotaExceeded, SpendLimitReached; AgentNotFound, NoAgent, AgentNotRunning, SessionNotFound
 * before anything is stored; ModelFailed, ModelNotSetUp, TurnAborted after the message was stored, which can then be retried;
 * AgentNotFound also when the agent is deleted before it has answered.
 */
export async function sendMessage(ctx: AccountContext, input: SendMessage): Promise<ChatReply> {
  requireActivePlan(ctx)
  await enforceQuota(ctx, () => answersOnOwnKey(ctx, input))
  return replyTo(ctx, await accept(ctx, input))
}

/** Stores a message and tells how it is answered, as it happens. Whoever stops reading cuts the answer off. */
export async function* streamMessage(ctx: AccountContext, input: SendMessage): AsyncGenerator<ChatEvent> {
  requireActivePlan(ctx)
  await enforceQuota(ctx, () => answersOnOwnKey(ctx, input))
  yield* streamReply(ctx, await accept(ctx, input))
}

/** As sendMessage, for a call that was paid for by itself, so that it needs no plan, and takes nothing of budgets. */
export async function sendPrepaidMessage(ctx: AccountContext, input: SendMessage): Promise<ChatReply> {
  const inner = asPrepaid(ctx)
  return replyTo(inner, await accept(inner, input))
}

/** As streamMessage, for a call that was paid for by itself. */
export async function* streamPrepaidMessage(ctx: AccountContext, input: SendMessage): AsyncGenerator<ChatEvent> {
  const inner = asPrepaid(ctx)
  yield* streamReply(inner, await accept(inner, input))
}

const asPrepaid = (ctx: AccountContext): AccountContext => ({ ...ctx, prepaidFor: accountOf(ctx) })

/** Answers a stored message that got no answer. @throws MessageNotFound, MessageNotRetryable, and what sendMessage throws. */
export const retryMessage = async (ctx: AccountContext, input: RetryMessage): Promise<ChatReply> =>
  replyTo(ctx, await acceptRetry(ctx, input))

/** Answers a stored message again and tells what happens, as it happens. */
export async function* streamRetry(ctx: AccountContext, input: RetryMessage): AsyncGenerator<ChatEvent> {
  yield* streamReply(ctx, await acceptRetry(ctx, input))
}

/** A stored message: it is to be answered, or a call that was cut off has had it answered already. */
type Accepted = { agent: AgentRow; turn: Turn } | { reply: ChatReply }

const replyTo = async (ctx: AccountContext, accepted: Accepted): Promise<ChatReply> =>
  'reply' in accepted ? accepted.reply : answer(ctx, accepted.agent, accepted.turn, () => undefined)

async function* streamReply(ctx: AccountContext, accepted: Accepted): AsyncGenerator<ChatEvent> {
  if ('reply' in accepted) yield* eventsOf(accepted.reply)
  else yield* streamAnswer(ctx, accepted.agent, accepted.turn)
}

async function* streamAnswer(ctx: AccountContext, agent: AgentRow, turn: Turn): AsyncGenerator<ChatEvent> {
  const reader = new AbortController()
  const events = new EventQueue<ChatEvent>(() => reader.abort(new Error('The caller does not read.')))
  const inner = { ...ctx, signal: AbortSignal.any([ctx.signal, reader.signal]) }
  AbortSignal.any([inner.signal, ctx.platform.shutdown]).addEventListener('abort', () => events.stopWaiting(), { once: true })
  const answering = answer(inner, agent, turn, (event) => events.push(event)).then(
    (reply) => {
      void events.push({ type: 'done', ...reply })
      events.close()
    },
    (error: unknown) => events.fail(error),
  )
  try {
    yield { type: 'start', id: turn.messageId, agentId: turn.agentId, sessionId: turn.sessionId }
    yield* events
  } finally {
    events.leave()
    reader.abort(new Error('The caller went away.'))
    await answering
  }
}

/** How a caller says who is talked to, if at all. */
interface NamedAgent {
  agentId?: string | undefined
  sessionId?: string | undefined
}

/** Whether the agent that is talked to calls its model on a key that is not the server's. */
const answersOnOwnKey = async (ctx: AccountContext, named: NamedAgent): Promise<boolean> =>
  isOnOwnKey(ctx, await findNamedAgent(ctx, named))

const findNamedAgent = async (ctx: AccountContext, { agentId, sessionId }: NamedAgent): Promise<AgentRow> =>
  findAnsweringAgent(ctx, agentId ?? (sessionId && (await findAgentOfSession(ctx, sessionId))))

async function accept(ctx: AccountContext, { message, topic, agentId, sessionId }: SendMessage): Promise<Accepted> {
  await admitMessage(ctx)
  if (ctx.attempt?.stored) return acceptAgain(ctx, ctx.attempt.stored)
  const agent = await findNamedAgent(ctx, { agentId, sessionId })
  const turn = { id: newId('turn'), agentId: agent.id, content: message, topic: topic ?? null }
  const stored = await storeTurn(turn, () => storeMessage(ctx, { ...turn, turnId: turn.id, sessionId }))
  return { agent, turn: { ...turn, ...stored } }
}

async function acceptRetry(ctx: AccountContext, { messageId }: RetryMessage): Promise<Accepted> {
  await admitMessage(ctx)
  requireActivePlan(ctx)
  await enforceQuota(ctx, async () => answersOnOwnKey(ctx, { agentId: await findAgentOfMessage(ctx, messageId) }))
  return ctx.attempt?.stored ? acceptAgain(ctx, messageId) : reopen(ctx, messageId)
}

/** A message that an earlier try of the same call stored, and may have had answered. */
async function acceptAgain(ctx: AccountContext, messageId: string): Promise<Accepted> {
  const reply = await findReply(ctx, messageId)
  return reply ? { reply } : reopen(ctx, messageId)
}

/** Has a message that got no answer answered once more. @throws MessageNotFound, MessageNotRetryable, AgentNotRunning */
async function reopen(ctx: AccountContext, messageId: string): Promise<{ agent: AgentRow; turn: Turn }> {
  const agentId = await findAgentOfMessage(ctx, messageId)
  if (!agentId) throw new MessageNotFound(messageId)
  const id = newId('turn')
  return storeTurn({ id, agentId }, () =>
    inTransaction(ctx.db, async (db) => {
      const inner = { ...ctx, db }
      const { sessionId, content, topic, timestamp } = await lockRetryable(inner, agentId, messageId)
      const agent = await findAnsweringAgent(inner, agentId)
      await deletePartialReply(inner, messageId)
      const { serverId } = ctx.platform
      const { position } = await queries.insertTurn(db, accountOf(ctx), { id, agentId, messageId, serverId })
      await ctx.attempt?.note(db, messageId, agentId)
      return { agent, turn: { id, agentId, messageId, sessionId, content, topic, timestamp, position, isRunning: false } }
    }),
  )
}

/** A message that got no answer. Its agent is locked, so that of several who want to retry it the others see that one does. */
async function lockRetryable(ctx: AccountContext, agentId: string, messageId: string) {
  await lockAgent(ctx, agentId)
  await giveUpAbandonedTurns(ctx, agentId)
  const message = await findUserMessage(ctx, messageId)
  if (!message?.sessionId) throw new MessageNotFound(messageId)
  const { state, isAnswered, sessionId } = message
  if (isAnswered || (state !== 'failed' && state !== 'aborted'))
    throw new MessageNotRetryable(messageId, isAnswered ? 'answered' : (state ?? 'answered'))
  return { ...message, sessionId }
}

/** The agent that is talked to; one that will run in a moment gets its messages then. @throws AgentNotFound, AgentNotRunning, NoAgent */
async function findAnsweringAgent(ctx: AccountContext, agentId: string | undefined): Promise<AgentRow> {
  const agent = agentId ? await findAgentRow(ctx, agentId) : await requireSpeaker(ctx)
  if (!isUpSoon(agent.status)) throw new AgentNotRunning(agent.id, agent.status)
  return agent
}

/** The agent that is talked to where none is named; undefined when the caller has none. @throws NoAgent when none of them runs. */
export async function findSpeaker(ctx: AccountContext): Promise<AgentRow | undefined> {
  const agent = await findDefaultAgent(ctx)
  if (agent && !isUpSoon(agent.status)) throw new NoAgent(NONE_RUNS)
  return agent
}

/** As findSpeaker, for those who need one. @throws NoAgent */
export async function requireSpeaker(ctx: AccountContext): Promise<AgentRow> {
  const agent = await findSpeaker(ctx)
  if (!agent) throw new NoAgent(NONE_RUNS)
  return agent
}

const NONE_RUNS = 'None of your agents runs. Provision or start one first.'

/** For a server that knows it is the only one, when it starts: messages whose answer was cut off can be retried at once. */
export const failInterruptedTurns = (platform: Platform) => queries.failOpenTurns(platform.databases.system)
