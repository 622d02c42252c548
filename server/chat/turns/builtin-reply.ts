import { isBudgetRefusal } from '#server/money/budgets/index.ts'
import type { AgentConfig } from '#server/agents/definitions/agents.contract.ts'
import { type History, readHistory } from '../conversations/index.ts'
import type { AccountContext } from '#server/platform/core/index.ts'
import { agentFileReaderOf } from '#server/agents/files/index.ts'
import { memoryStoreOf } from '#server/agents/memory/index.ts'
import {
  estimateTokens,
  promptLength,
  firstThatSucceeds,
  generate,
  isPriced,
  loadPrices,
  agentTools,
  fileTools,
} from '#server/models/completions/index.ts'
import {
  isRefusedRequest,
  ModelFailed,
  ModelNotAvailable,
  resolveModel,
  type Credentials,
  type ResolvedModel,
} from '#server/models/catalogue/index.ts'
import { cheaperModelFor, needsPrice, PriceUnknown, type TurnCall } from '#server/models/metering/index.ts'
import { writeLog } from '#server/agents/runtime/index.ts'
import type { RuntimeAgent, RuntimeEvent } from '#server/agents/drivers/interface/index.ts'
import { BuiltinCalls } from './builtin-calls.ts'
import { ModelNotSetUp } from './chat.errors.ts'
import { offeredTools, systemPrompt } from './chat.rules.ts'

const HISTORY_MESSAGES = 20

/** Begins to read what a model is told of the conversation, up to the message that is to be answered. */
export function beginReadingHistory(
  ctx: AccountContext,
  { memoryLimit = HISTORY_MESSAGES }: AgentConfig,
  { sessionId, messageId }: { sessionId: string; messageId: string },
): Promise<History> {
  const history = readHistory(ctx, sessionId, messageId, memoryLimit)
  // Should the agent not get to answer, nobody asks what came of it.
  history.catch(() => undefined)
  return history
}

/**
 * Lets the agent's model answer, or the first of its fallbacks that can while nothing was said yet, with
 * the tools of this server. When all refuse the conversation, they are asked the message alone: what was said before, such
 * as a message that is too long for them, must not keep an agent from ever answering again.
 *
 * @param reading What the model is told of the conversation.
 * @param calls Gets every call of a model that is made.
 * @throws ModelFailed, ModelNotSetUp, PriceUnknown; what a budget throws that is used up; the signal's reason.
 */
export async function* generateBuiltinReply(
  ctx: AccountContext,
  agent: RuntimeAgent,
  reading: Promise<History>,
  calls: TurnCall[],
  signal: AbortSignal,
): AsyncGenerator<RuntimeEvent> {
  const history = await reading
  const cheaper = await cheaperModelFor(ctx, { agentId: agent.id })
  const candidates = [...(cheaper === undefined ? [] : [cheaper]), agent.model, ...(agent.config.fallbacks ?? [])]
  const begin = (messages: History['whole']) => async (modelId: string) => {
    const model = resolve(ctx, modelId, agent.credentials)
    await requirePrice(ctx, agent.id, model)
    const events = callModel(ctx, agent, model, messages, calls, signal)
    return { first: await events.next(), events }
  }
  const answer = (messages: History['whole']) =>
    firstThatSucceeds(candidates, begin(messages), {
      mayPass: (error, index) => !signal.aborted && isPassedOver(error, index),
      onPass: (error, model) => ctx.log.warn({ err: error, agentId: agent.id, model }, 'a model failed; trying the next one'),
    })
  const { first, events } = await answer(history.whole).catch(async (error: unknown) => {
    if (signal.aborted || !history.hasMore || !isRefusedRequest(error)) throw error
    await writeLog(
      ctx,
      agent.id,
      'agent',
      'warn',
      `The model refused what was said before, and is asked the last message alone: ${error.message}`,
    )
    return answer(history.alone)
  })
  try {
    if (!first.done) yield first.value
    yield* events
  } finally {
    await events.return(undefined)
  }
}

/** Whether the next model is tried. A fallback without a price is passed over; the agent's own model is refused. */
const isPassedOver = (error: unknown, index: number): boolean =>
  error instanceof ModelFailed || error instanceof ModelNotSetUp || (error instanceof PriceUnknown && index > 0)

/** @throws PriceUnknown where a budget limits what the call may cost. */
async function requirePrice(ctx: AccountContext, agentId: string, model: ResolvedModel): Promise<void> {
  const { env } = ctx.platform
  await loadPrices(env, [model])
  if (!isPriced(env, model) && (await needsPrice(ctx, { agentId }))) throw new PriceUnknown(model.id)
}

function resolve({ platform }: AccountContext, modelId: string, credentials: Credentials): ResolvedModel {
  try {
    return resolveModel(platform.env, modelId, credentials)
  } catch (error) {
    if (error instanceof ModelNotAvailable) throw new ModelNotSetUp(error.message)
    throw error
  }
}

async function* callModel(
  ctx: AccountContext,
  { id, name, config }: RuntimeAgent,
  model: ResolvedModel,
  messages: History['whole'],
  calls: TurnCall[],
  signal: AbortSignal,
): AsyncGenerator<RuntimeEvent> {
  let lastCallEnded = performance.now()
  const metered = new BuiltinCalls(ctx, id, model, calls)
  const asked = promptLength({ messages })
  /** Characters since the last call that ended. */
  let characters = 0
  try {
    const events = generate({
      env: ctx.platform.env,
      model,
      system: systemPrompt(name, config),
      messages,
      tools: offeredTools({ ...agentTools(memoryStoreOf(ctx, id)), ...fileTools(agentFileReaderOf(ctx, id)) }, config),
      ...(config.temperature === undefined ? {} : { temperature: config.temperature }),
      ...(config.maxTokens === undefined ? {} : { maxOutputTokens: config.maxTokens }),
      signal,
      silenceMs: ctx.platform.env.MODEL_TIMEOUT_SECONDS * 1000,
      beginCall: (chat) => metered.begin(chat, estimateTokens(asked)),
      onNamed: (generationId) => metered.named(generationId),
    })
    for await (const event of events) {
      if (event.type === 'delta') characters += event.text.length
      if (event.type === 'finish') yield { type: 'finish', text: event.text, model: model.id }
      else if (event.type !== 'call') yield event
      else {
        const { count, isEstimated, latencyMs, firstTokenMs } = event
        const inputTokens = isEstimated ? (count.inputTokens ?? estimateTokens(asked)) : count.inputTokens
        const { outputTokens } = count
        const costNanoUsd = metered.costOf({ ...count, inputTokens })
        const timing = { latencyMs: Math.round(latencyMs), firstTokenMs: roundOrNull(firstTokenMs) }
        const isCounted = !isEstimated && inputTokens !== null && outputTokens !== null
        metered.end({ outcome: 'ok', inputTokens, outputTokens, costNanoUsd, isEstimated, ...timing }, isCounted)
        lastCallEnded = performance.now()
        characters = 0
      }
    }
  } catch (error) {
    // What was refused was no call.
    if (isBudgetRefusal(error)) throw error
    // The provider did not get to say what this call took: what was produced is estimated, and nothing where there was none.
    const tokens = characters > 0 ? { inputTokens: estimateTokens(asked), outputTokens: estimateTokens(characters) } : NOT_COUNTED
    const costNanoUsd = characters > 0 ? metered.costOf(tokens) : null
    const latencyMs = Math.round(performance.now() - lastCallEnded)
    const outcome = signal.aborted ? 'aborted' : 'failed'
    metered.end({ outcome, ...tokens, costNanoUsd, isEstimated: characters > 0, latencyMs, firstTokenMs: null }, false)
    throw error
  } finally {
    metered.close()
  }
}

const NOT_COUNTED = { inputTokens: null, outputTokens: null }

const roundOrNull = (ms: number | null): number | null => (ms === null ? null : Math.round(ms))
