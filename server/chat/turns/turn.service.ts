import { AgentNotFound, findAgentRow, lockAgent, type AgentRow } from '#server/agents/definitions/index.ts'
import {
  accountOf,
  type AccountContext,
  AppError,
  toAppError,
  countModelCall,
  countTurn,
  cutText,
  inTransaction,
  toStorableText,
} from '#server/platform/core/index.ts'
import { ModelFailed } from '#server/models/catalogue/index.ts'
import { isErrorResult, addCostHeaders } from '#server/models/completions/index.ts'
import { flushUsage, forgetNoted, type TurnCall } from '#server/models/metering/index.ts'
import { writeLog, runTurn, runtimeAgentOf, reportFailedAnswer, reportUnreachable } from '#server/agents/runtime/index.ts'
import { driverOf } from '#server/agents/drivers/index.ts'
import { RuntimeUnreachable, type RuntimeEvent } from '#server/agents/drivers/interface/index.ts'
import { isUp } from '#server/agents/definitions/agent-status.contract.ts'
import { waitUntilUp } from './agent-ready.ts'
import { nextPlace } from '../conversations/index.ts'
import type { ChatEvent, ChatReply } from './chat.contract.ts'
import { TurnAborted } from './chat.errors.ts'
import * as queries from './chat.queries.ts'
import { summarizeUsage, wholeCostOf } from './chat.rules.ts'
import type { AgentConfig } from '#server/agents/definitions/agents.contract.ts'
import { beginReadingHistory, generateBuiltinReply } from './builtin-reply.ts'
import { notePayer } from './turn-payer.service.ts'
import { releaseTurn, waitForTurn } from './turn-queue.ts'

/** A stored message that is to be answered. */
export interface Turn {
  id: string
  agentId: string
  messageId: string
  sessionId: string
  content: string
  topic: string | null
  timestamp: string
  /** Turns of an agent are taken in this order. */
  position: number
  /** False while earlier messages of the agent wait for their answers. */
  isRunning: boolean
}

/**
 * Answers one stored message: waits for the agent's earlier messages and until the agent runs, has it
 * answer, no faster than `emit` takes it, and writes down the answer, the model calls and the figures of the turn, whatever happens to the caller.
 *
 * @throws ModelFailed, ModelNotSetUp, AgentNotRunning, RuntimeUnreachable, TurnAborted; the message then
 * stays stored and can be retried. AgentNotFound when the agent is deleted meanwhile, and its messages with it.
 */
export async function answer(
  ctx: AccountContext,
  target: AgentRow,
  turn: Turn,
  emit: (event: ChatEvent) => void | Promise<void>,
): Promise<ChatReply> {
  const began = performance.now()
  const calls: TurnCall[] = []
  let streamed = ''
  const tools: queries.ToolRun[] = []
  const takeNote = (event: TurnEvent) => {
    if (event.type === 'delta') {
      streamed += event.text
      return emit(event)
    }
    if (event.type !== 'tool') return emit(event)
    tools.push(toToolRun(event))
    const { name, input, result } = event
    return emit({ type: 'tool', name, input, result })
  }
  const signal = AbortSignal.any([ctx.signal, ctx.platform.shutdown])
  const ending = {
    turnId: turn.id,
    agentId: turn.agentId,
    keyId: ctx.actor.kind === 'key' ? ctx.actor.keyId : null,
    isPrepaid: ctx.prepaidFor !== undefined,
    calls,
    tools,
  }
  try {
    return await runTurn(turn.agentId, signal, async (turnSignal, cpuMs, begin) => {
      const figures = () => ({ wallMs: Math.round(performance.now() - began), cpuMs: cpuMs() })
      try {
        if (!turn.isRunning) await waitForTurn(ctx, turn, turnSignal)
        const agent = turn.isRunning && isUp(target.status) ? target : await waitUntilUp(ctx, turn.agentId, turnSignal)
        begin()
        const beganAt = new Date().toISOString()
        const request = { turn, calls, signal: turnSignal, emit: takeNote }
        const { text, model } = await generateReply(ctx, agent, request).catch((error: unknown) => {
          if (streamed || !(error instanceof RuntimeUnreachable)) throw error
          return retryReply(ctx, turn.agentId, request)
        })
        return await storeReply(ctx, turn, { ...ending, ...figures() }, { text, model, beganAt })
      } catch (error) {
        // Others took this server for dead and ended the turn.
        if (error instanceof TurnAborted) throw error
        // What was said stays said, however the rest was lost.
        const reply = streamed ? { said: whatWasSaid(streamed, true) } : {}
        if (turnSignal.aborted) {
          await endTurn(ctx, { ...ending, ...figures(), ...reply, status: 'aborted', error: null })
          throw turnSignal.reason instanceof AgentNotFound ? turnSignal.reason : new TurnAborted(turn.messageId)
        }
        // The turn is gone with it.
        if (error instanceof AgentNotFound) throw error
        const { message } = toAppError(error)
        await endTurn(ctx, { ...ending, ...figures(), ...reply, status: 'failed', error: message })
        await writeLog(ctx, turn.agentId, 'agent', 'error', `A message got no answer: ${message}`)
        if (error instanceof ModelFailed) await reportFailedAnswer(ctx, turn.agentId, error)
        // With it the caller can retry the message.
        if (error instanceof AppError) error.details.messageId = turn.messageId
        throw error
      }
    })
  } finally {
    releaseTurn(turn.agentId, turn.id)
  }
}

/** How a turn ended, and what the agent said, which gets its place behind all messages of the agent. */
interface TurnEnding extends Omit<queries.TurnEnd, 'reply'> {
  said?: { content: string; isPartial: boolean }
}

/** Writes down how a turn ended, and counts it. @returns whether it was still open, and the id of what the agent said. */
async function endTurn(ctx: AccountContext, end: TurnEnding): Promise<{ wasOpen: boolean; replyId: string | undefined }> {
  countTurn(end.status)
  for (const call of end.calls) countModelCall(call)
  const ended = await (end.said ? storeSaid(ctx, end, end.said) : storeEnd(ctx, end))
  const { platform } = ctx
  forgetNoted(
    platform,
    end.calls.map(({ id }) => id),
  )
  // Nobody waits for that: should it fail, the other server finds out by itself, later.
  queries
    .notifyNextTurn(ctx.db, accountOf(ctx), end.agentId, ctx.platform.serverId)
    .catch((error: unknown) => ctx.log.warn({ err: error, agentId: end.agentId }, 'could not tell another server of its turn'))
  return ended
}

const storeEnd = async (ctx: AccountContext, end: queries.TurnEnd) => ({
  wasOpen: await queries.endTurn(ctx.db, accountOf(ctx), end),
  replyId: end.reply?.messageId,
})

/** Should the agent be gone, there is nobody left who said it, and what it took is written down all the same. */
const storeSaid = (ctx: AccountContext, end: TurnEnding, said: NonNullable<TurnEnding['said']>) =>
  inTransaction(ctx.db, async (db) => {
    const inner = { ...ctx, db }
    await lockAgent(inner, end.agentId).catch((error: unknown) => {
      if (!(error instanceof AgentNotFound)) throw error
    })
    return storeEnd(inner, { ...end, reply: { ...(await nextPlace(inner, end.agentId)), ...said } })
  })

const whatWasSaid = (content: string, isPartial: boolean) => ({ content: toStorableText(content), isPartial })

interface Spoken {
  text: string
  /** Null where only the calls that were made say which model answered. */
  model: string | null
  /** When the agent was given the message, which may have waited before; ISO 8601. */
  beganAt: string
}

/** @throws AgentNotFound, TurnAborted when the turn was ended by others. */
async function storeReply(
  ctx: AccountContext,
  turn: Turn,
  end: Omit<TurnEnding, 'status' | 'error' | 'said'>,
  { text, model, beganAt }: Spoken,
): Promise<ChatReply> {
  const said = whatWasSaid(text, false)
  const { wasOpen, replyId } = await endTurn(ctx, { ...end, said, status: 'answered', error: null })
  if (!wasOpen || replyId === undefined) {
    await findAgentRow(ctx, turn.agentId)
    throw new TurnAborted(turn.messageId)
  }
  const calls = end.calls.length > 0 ? end.calls : await callsOfRuntime(ctx, turn.agentId, beganAt)
  const usage = summarizeUsage(calls)
  const modelMs = calls.reduce((sum, { latencyMs }) => sum + latencyMs, 0)
  addCostHeaders(ctx, wholeCostOf(calls), modelMs)
  return {
    id: turn.messageId,
    message: turn.content,
    topic: turn.topic,
    status: 'sent',
    timestamp: turn.timestamp,
    reply: said.content,
    agentId: turn.agentId,
    replyId,
    sessionId: turn.sessionId,
    // Fallbacks included: the last one that answered gave the answer.
    model: model ?? calls.findLast(({ outcome }) => outcome === 'ok')?.model ?? null,
    usage,
  }
}

/** What happens before an answer is complete. */
type TurnEvent = Exclude<RuntimeEvent, { type: 'finish' }>

const MAX_TOOL_NAME_LENGTH = 100

/** A model may name a tool as it likes, also one there is not. */
const toToolRun = ({ name, result, ms }: Extract<RuntimeEvent, { type: 'tool' }>): queries.ToolRun => ({
  name: cutText(toStorableText(name), MAX_TOOL_NAME_LENGTH),
  isOk: !isErrorResult(result),
  ms: ms ?? null,
})

/** The calls of models an agent made that does not live in this server: they came in one by one, and were metered as they did. */
async function callsOfRuntime(
  ctx: AccountContext,
  agentId: string,
  since: string,
): Promise<Awaited<ReturnType<typeof queries.listCallsSince>>> {
  if (driverOf(ctx.platform).inProcess) return []
  await flushUsage(ctx.platform)
  return queries.listCallsSince(ctx.db, accountOf(ctx), agentId, since)
}

/** What it takes to have a message answered. */
interface ReplyRequest {
  turn: Turn
  /** The model calls that were made in this server. */
  calls: TurnCall[]
  signal: AbortSignal
  /** Tells the caller; a promise while the caller does not keep up. */
  emit: (event: TurnEvent) => void | Promise<void>
}

/** Has the agent answer, wherever it runs. */
async function generateReply(
  ctx: AccountContext,
  row: AgentRow,
  { turn, calls, signal, emit }: ReplyRequest,
): Promise<Omit<Spoken, 'beganAt'>> {
  const driver = driverOf(ctx.platform)
  // Both at once: each is a round trip, and the caller waits for the first word.
  const history = driver.inProcess ? beginReadingHistory(ctx, row.config as AgentConfig, turn) : undefined
  const agent = await runtimeAgentOf(ctx, row)
  if (!driver.inProcess) await notePayer(ctx, turn.id)
  const events = driver.send(
    agent,
    {
      sessionId: turn.sessionId,
      message: turn.content,
      generateBuiltinReply: (inner) =>
        generateBuiltinReply(ctx, agent, history ?? beginReadingHistory(ctx, agent.config, turn), calls, inner),
    },
    signal,
  )
  for await (const event of events) {
    if (event.type === 'finish') return event
    await emit(event)
  }
  throw new RuntimeUnreachable('The agent stopped in the middle of its answer.')
}

/** The agent did not hear the message: it is sent once more when the agent is back. */
async function retryReply(ctx: AccountContext, agentId: string, request: ReplyRequest): Promise<Omit<Spoken, 'beganAt'>> {
  await reportUnreachable(ctx, agentId)
  await writeLog(ctx, agentId, 'agent', 'warn', 'Did not answer; the message waits until it is back')
  const agent = await waitUntilUp(ctx, agentId, request.signal, (status) => status === 'running')
  return generateReply(ctx, agent, request)
}
