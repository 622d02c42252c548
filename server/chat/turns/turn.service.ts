import { AgentNotFound } from '#server/agents/definitions/agents.errors.ts'
import { findAgentRow, type AgentRow } from '#server/agents/definitions/agents.service.ts'
import { accountOf, type AccountContext } from '#server/platform/core/context.ts'
import { AppError, toAppError } from '#server/platform/core/errors.ts'
import { newId } from '#server/platform/core/ids.ts'
import { countModelCall, countTurn } from '#server/platform/core/telemetry.ts'
import { toStorableText } from '#server/platform/core/text-check.ts'
import { isErrorResult } from '#server/models/completions/generate.tools.ts'
import { flushUsage, forgetCounted } from '#server/models/metering/metering.service.ts'
import { writeLog } from '#server/agents/runtime/agent-log.service.ts'
import { driverOf } from '#server/agents/drivers/create-driver.ts'
import { RuntimeUnreachable, type RuntimeEvent } from '#server/agents/drivers/interface/driver.ts'
import { runTurn } from '#server/agents/runtime/running-turns.ts'
import { runtimeAgentOf } from '#server/agents/runtime/runtime-agent.service.ts'
import { reportUnreachable } from '#server/agents/runtime/watchdog.ts'
import { isUp } from '#server/agents/definitions/agent-status.contract.ts'
import { waitUntilUp } from './agent-ready.ts'
import type { ChatEvent, ChatReply } from './chat.contract.ts'
import { TurnAborted } from './chat.errors.ts'
import * as queries from './chat.queries.ts'
import { addCostHeaders } from '#server/models/completions/cost-headers.ts'
import { toNanoUsd } from '#server/models/completions/cost.rules.ts'
import { summarizeUsage } from './chat.rules.ts'
import { answerInServer } from './builtin-reply.ts'
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
  speaker: AgentRow,
  turn: Turn,
  emit: (event: ChatEvent) => void | Promise<void>,
): Promise<ChatReply> {
  const began = performance.now()
  const calls: queries.ModelCall[] = []
  let said = ''
  const tools: queries.ToolRun[] = []
  const takeNote = (event: Happening) => {
    if (event.type === 'delta') {
      said += event.text
      return emit(event)
    }
    tools.push(toToolRun(event))
    const { name, input, result } = event
    return emit({ type: 'tool', name, input, result })
  }
  const signal = AbortSignal.any([ctx.signal, ctx.platform.shutdown])
  const ending = { turnId: turn.id, agentId: turn.agentId, keyId: ctx.actor.kind === 'key' ? ctx.actor.keyId : null, calls, tools }
  try {
    return await runTurn(turn.agentId, signal, async (turnSignal, cpuMs, begin) => {
      const figures = () => ({ wallMs: Math.round(performance.now() - began), cpuMs: cpuMs() })
      try {
        if (!turn.isRunning) await waitForTurn(ctx, turn, turnSignal)
        const agent = turn.isRunning && isUp(speaker.status) ? speaker : await waitUntilUp(ctx, turn.agentId, turnSignal)
        begin()
        const beganAt = new Date().toISOString()
        const speech = { turn, calls, signal: turnSignal, emit: takeNote }
        const { text, model } = await speak(ctx, agent, speech).catch((error: unknown) => {
          if (said || !(error instanceof RuntimeUnreachable)) throw error
          return speakAgain(ctx, turn.agentId, speech)
        })
        return await storeReply(ctx, turn, { ...ending, ...figures() }, { text, model, beganAt })
      } catch (error) {
        // Others took this server for dead and ended the turn.
        if (error instanceof TurnAborted) throw error
        if (turnSignal.aborted) {
          const reply = said ? { reply: newReply(said, true) } : {}
          await endTurn(ctx, { ...ending, ...figures(), ...reply, status: 'aborted', error: null })
          throw turnSignal.reason instanceof AgentNotFound ? turnSignal.reason : new TurnAborted(turn.messageId)
        }
        // The turn is gone with it.
        if (error instanceof AgentNotFound) throw error
        const { message } = toAppError(error)
        await endTurn(ctx, { ...ending, ...figures(), status: 'failed', error: message })
        await writeLog(ctx, turn.agentId, 'agent', 'error', `A message got no answer: ${message}`)
        // With it the caller can retry the message.
        if (error instanceof AppError) error.details.messageId = turn.messageId
        throw error
      }
    })
  } finally {
    forgetCounted(ctx.platform, accountOf(ctx))
    releaseTurn(turn.agentId, turn.id)
  }
}

/** Writes down how a turn ended, and counts it. @returns whether it was still open. */
async function endTurn(ctx: AccountContext, end: queries.TurnEnd): Promise<boolean> {
  countTurn(end.status)
  for (const call of end.calls) countModelCall(call)
  const wasOpen = await queries.endTurn(ctx.db, accountOf(ctx), end)
  // Nobody waits for that: should it fail, the other server finds out by itself, later.
  queries
    .notifyNextTurn(ctx.db, accountOf(ctx), end.agentId, ctx.platform.serverId)
    .catch((error: unknown) => ctx.log.warn({ err: error, agentId: end.agentId }, 'could not tell another server of its turn'))
  return wasOpen
}

const newReply = (content: string, isPartial: boolean) => ({ id: newId('message'), content: toStorableText(content), isPartial })

interface Spoken {
  text: string
  model: string
  /** When the agent was given the message, which may have waited before; ISO 8601. */
  beganAt: string
}

/** @throws AgentNotFound, TurnAborted when the turn was ended by others. */
async function storeReply(
  ctx: AccountContext,
  turn: Turn,
  end: Omit<queries.TurnEnd, 'status' | 'error' | 'reply'>,
  { text, model, beganAt }: Spoken,
): Promise<ChatReply> {
  const reply = newReply(text, false)
  if (!(await endTurn(ctx, { ...end, reply, status: 'answered', error: null }))) {
    await findAgentRow(ctx, turn.agentId)
    throw new TurnAborted(turn.messageId)
  }
  const calls = end.calls.length > 0 ? end.calls : await callsOfRuntime(ctx, turn.agentId, beganAt)
  const usage = summarizeUsage(calls)
  const modelMs = calls.reduce((sum, { latencyMs }) => sum + latencyMs, 0)
  addCostHeaders(ctx, usage.cost === null ? null : toNanoUsd(usage.cost), modelMs)
  return {
    id: turn.messageId,
    message: turn.content,
    topic: turn.topic,
    status: 'sent',
    timestamp: turn.timestamp,
    reply: reply.content,
    agentId: turn.agentId,
    replyId: reply.id,
    sessionId: turn.sessionId,
    model,
    usage,
  }
}

/** What happens before an answer is complete. */
type Happening = Exclude<RuntimeEvent, { type: 'finish' }>

const LONGEST_TOOL_NAME = 100

/** A model may name a tool as it likes, also one there is not. */
const toToolRun = ({ name, result, ms }: Extract<RuntimeEvent, { type: 'tool' }>): queries.ToolRun => ({
  name: toStorableText(name).slice(0, LONGEST_TOOL_NAME).toWellFormed(),
  isOk: !isErrorResult(result),
  ms: ms ?? null,
})

/** The calls of models an agent made that does not live in this server: they came in one by one, and were metered as they did. */
async function callsOfRuntime(
  ctx: AccountContext,
  agentId: string,
  since: string,
): Promise<Pick<queries.ModelCall, 'inputTokens' | 'outputTokens' | 'costNanoUsd' | 'latencyMs'>[]> {
  if (driverOf(ctx.platform).livesInServer) return []
  await flushUsage(ctx.platform)
  return queries.listCallsSince(ctx.db, accountOf(ctx), agentId, since)
}

/** What it takes to have a message answered. */
interface Speech {
  turn: Turn
  /** The model calls that were made in this server. */
  calls: queries.ModelCall[]
  signal: AbortSignal
  /** Tells the caller; a promise while the caller does not keep up. */
  emit: (event: Happening) => void | Promise<void>
}

/** Has the agent answer, wherever it runs. */
async function speak(ctx: AccountContext, row: AgentRow, { turn, calls, signal, emit }: Speech): Promise<{ text: string; model: string }> {
  const agent = await runtimeAgentOf(ctx, row)
  if (!driverOf(ctx.platform).livesInServer) await notePayer(ctx, turn.id)
  const events = driverOf(ctx.platform).send(
    agent,
    {
      sessionId: turn.sessionId,
      message: turn.content,
      answerInServer: (inner) => answerInServer(ctx, agent, turn, calls, inner),
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
async function speakAgain(ctx: AccountContext, agentId: string, speech: Speech): Promise<{ text: string; model: string }> {
  await reportUnreachable(ctx, agentId)
  await writeLog(ctx, agentId, 'agent', 'warn', 'Did not answer; the message waits until it is back')
  const agent = await waitUntilUp(ctx, agentId, speech.signal, (status) => status === 'running')
  return speak(ctx, agent, speech)
}
