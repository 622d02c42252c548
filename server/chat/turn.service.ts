import { readAgentCredentials } from '../agents/agent-credentials.service.ts'
import type { AgentConfig } from '../agents/agents.contract.ts'
import { readHistory } from '../conversations/conversations.service.ts'
import { accountOf, type AccountContext } from '../core/context.ts'
import { AppError, toAppError } from '../core/errors.ts'
import { newId } from '../core/ids.ts'
import { toStorableText } from '../core/text-check.ts'
import { memoryStoreOf } from '../memory/memory.service.ts'
import { estimateTokens, promptLength } from '../models/cost.rules.ts'
import { generate } from '../models/generate.ts'
import { forgetCounted } from '../models/metering.service.ts'
import { ModelFailed, ModelNotAvailable } from '../models/models.errors.ts'
import { costOfCall } from '../models/prices.ts'
import { resolveModel, type Credentials, type ResolvedModel } from '../models/providers.ts'
import { agentTools } from '../models/tools.ts'
import { runTurn } from '../runtime/running-turns.ts'
import type { ChatEvent, ChatReply } from './chat.contract.ts'
import { ModelNotSetUp, TurnAborted } from './chat.errors.ts'
import * as queries from './chat.queries.ts'
import { offeredTools, summarizeUsage, systemPrompt } from './chat.rules.ts'
import { keepLease, waitForTurn, wakeWaiting } from './turn-queue.ts'

/** A stored message that is to be answered. */
export interface Turn {
  id: string
  agentId: string
  messageId: string
  sessionId: string
  content: string
  topic: string | null
  timestamp: string
  /** False while earlier messages of the agent wait for their answers. */
  isRunning: boolean
}

/** The agent as it is when the turn begins. */
export interface Speaker {
  id: string
  name: string
  model: string
  config: AgentConfig
}

const HISTORY_MESSAGES = 20

/**
 * Answers one stored message: waits for the agent's earlier messages, runs the tool loop and writes
 * down the answer, the model calls and the figures of the turn, whatever happens to the caller.
 *
 * @throws ModelFailed, ModelNotSetUp, TurnAborted; the message then stays stored and can be retried.
 */
export async function answer(ctx: AccountContext, speaker: Speaker, turn: Turn, emit: (event: ChatEvent) => void): Promise<ChatReply> {
  const began = performance.now()
  const releaseLease = keepLease(ctx, turn.id)
  const calls: queries.ModelCall[] = []
  let said = ''
  const takeNote = (event: ChatEvent) => {
    if (event.type === 'delta') said += event.text
    emit(event)
  }
  const signal = AbortSignal.any([ctx.signal, ctx.platform.shutdown])
  const ending = { turnId: turn.id, agentId: turn.agentId, keyId: ctx.actor.kind === 'key' ? ctx.actor.keyId : null, calls }
  try {
    return await runTurn(turn.agentId, signal, async (turnSignal, cpuMs) => {
      const figures = () => ({ wallMs: Math.round(performance.now() - began), cpuMs: cpuMs() })
      try {
        if (!turn.isRunning) await waitForTurn(ctx, turn.agentId, turn.id, turnSignal)
        const { text, model } = await speak(ctx, speaker, turn, calls, turnSignal, takeNote)
        return await storeReply(ctx, turn, { ...ending, ...figures() }, text, model, false)
      } catch (error) {
        if (turnSignal.aborted) {
          if (said) await storeReply(ctx, turn, { ...ending, ...figures() }, said, speaker.model, true)
          else await queries.endTurn(ctx.db, accountOf(ctx), { ...ending, ...figures(), status: 'aborted', error: null })
          throw new TurnAborted(turn.messageId)
        }
        await queries.endTurn(ctx.db, accountOf(ctx), { ...ending, ...figures(), status: 'failed', error: toAppError(error).message })
        // With it the caller can retry the message.
        if (error instanceof AppError) error.details.messageId = turn.messageId
        throw error
      }
    })
  } finally {
    releaseLease()
    forgetCounted(ctx.platform, accountOf(ctx))
    wakeWaiting(turn.agentId)
  }
}

async function storeReply(
  ctx: AccountContext,
  turn: Turn,
  end: Omit<queries.TurnEnd, 'status' | 'error' | 'reply'>,
  content: string,
  model: string,
  isPartial: boolean,
): Promise<ChatReply> {
  const replyId = newId('message')
  const reply = { id: replyId, content: toStorableText(content), isPartial }
  const wasOpen = await queries.endTurn(ctx.db, accountOf(ctx), { ...end, reply, status: isPartial ? 'aborted' : 'answered', error: null })
  if (!wasOpen) throw new TurnAborted(turn.messageId)
  return {
    id: turn.messageId,
    message: turn.content,
    topic: turn.topic,
    status: 'sent',
    timestamp: turn.timestamp,
    reply: reply.content,
    agentId: turn.agentId,
    replyId,
    sessionId: turn.sessionId,
    model,
    usage: summarizeUsage(end.calls),
  }
}

/** Lets the agent's model answer, or the first of its fallbacks that can while nothing was said yet. */
async function speak(
  ctx: AccountContext,
  speaker: Speaker,
  turn: Turn,
  calls: queries.ModelCall[],
  signal: AbortSignal,
  emit: (event: ChatEvent) => void,
): Promise<{ text: string; model: string }> {
  const { config } = speaker
  const [history, credentials] = await Promise.all([
    readHistory(ctx, turn.sessionId, turn.messageId, config.memoryLimit ?? HISTORY_MESSAGES),
    readAgentCredentials(ctx, speaker.id),
  ])
  const candidates = [speaker.model, ...(config.fallbacks ?? [])]
  for (const [index, modelId] of candidates.entries()) {
    let hasActed = false
    try {
      const model = resolve(ctx, modelId, credentials)
      const text = await callModel(ctx, speaker, model, history, calls, signal, (event) => {
        hasActed = true
        emit(event)
      })
      return { text, model: model.id }
    } catch (error) {
      const isLast = index === candidates.length - 1
      if (isLast || hasActed || signal.aborted || !(error instanceof ModelFailed || error instanceof ModelNotSetUp)) throw error
      ctx.log.warn({ err: error, agentId: speaker.id, model: modelId }, 'a model failed; trying the next one')
    }
  }
  throw new ModelNotSetUp('The agent has no model.')
}

function resolve({ platform }: AccountContext, modelId: string, credentials: Credentials): ResolvedModel {
  try {
    return resolveModel(platform.env, modelId, credentials)
  } catch (error) {
    if (error instanceof ModelNotAvailable) throw new ModelNotSetUp(error.message)
    throw error
  }
}

async function callModel(
  ctx: AccountContext,
  { id, name, config }: Speaker,
  model: ResolvedModel,
  messages: Awaited<ReturnType<typeof readHistory>>,
  calls: queries.ModelCall[],
  signal: AbortSignal,
  emit: (event: ChatEvent) => void,
): Promise<string> {
  const began = performance.now()
  let lastCallEnded = began
  const record = (call: Omit<queries.ModelCall, 'id' | 'provider' | 'model' | 'isOwnKey'>) =>
    calls.push({ id: newId('usage'), provider: model.provider, model: model.id, isOwnKey: model.isOwnKey, ...call })
  const asked = promptLength({ messages })
  /** Characters since the last call that ended. */
  let said = 0
  try {
    const events = generate({
      model,
      system: systemPrompt(name, config),
      messages,
      tools: offeredTools(agentTools(memoryStoreOf(ctx, id)), config),
      ...(config.temperature === undefined ? {} : { temperature: config.temperature }),
      ...(config.maxTokens === undefined ? {} : { maxOutputTokens: config.maxTokens }),
      signal,
      timeoutMs: ctx.platform.env.MODEL_TIMEOUT_SECONDS * 1000,
    })
    let text = ''
    for await (const event of events) {
      if (event.type === 'delta') said += event.text.length
      if (event.type === 'delta' || event.type === 'tool') emit(event)
      else if (event.type === 'finish') text = event.text
      else {
        const { usage, latencyMs, firstTokenMs } = event
        const { inputTokens, outputTokens } = usage
        const costNanoUsd = costOfCall(ctx.platform.env, model, inputTokens, outputTokens)
        const timing = { latencyMs: Math.round(latencyMs), firstTokenMs: roundOrNull(firstTokenMs) }
        record({ outcome: 'ok', inputTokens, outputTokens, costNanoUsd, isEstimated: false, ...timing })
        lastCallEnded = performance.now()
        said = 0
      }
    }
    return text
  } catch (error) {
    // The provider did not get to say what this call took: what was produced is estimated, and nothing where there was none.
    const tokens = said > 0 ? { inputTokens: estimateTokens(asked), outputTokens: estimateTokens(said) } : NOT_COUNTED
    const costNanoUsd = said > 0 ? costOfCall(ctx.platform.env, model, tokens.inputTokens, tokens.outputTokens) : null
    const latencyMs = Math.round(performance.now() - lastCallEnded)
    const outcome = signal.aborted ? 'aborted' : 'failed'
    record({ outcome, ...tokens, costNanoUsd, isEstimated: said > 0, latencyMs, firstTokenMs: null })
    throw error
  }
}

const NOT_COUNTED = { inputTokens: null, outputTokens: null }

const roundOrNull = (ms: number | null): number | null => (ms === null ? null : Math.round(ms))
