import { readHistory } from '../conversations/conversations.service.ts'
import type { AccountContext } from '#server/platform/core/context.ts'
import { newId } from '#server/platform/core/ids.ts'
import { fileShelfOf } from '#server/agents/files/agent-file-reader.service.ts'
import { memoryStoreOf } from '#server/agents/memory/memory.service.ts'
import { estimateTokens, promptLength } from '#server/models/completions/cost.rules.ts'
import { firstThatSucceeds } from '#server/models/completions/first-that-succeeds.ts'
import { generate } from '#server/models/completions/generate.ts'
import { ModelFailed, ModelNotAvailable } from '#server/models/catalogue/models.errors.ts'
import { PriceUnknown } from '#server/models/metering/metering.errors.ts'
import { spendLimitOf } from '#server/models/metering/metering.service.ts'
import { costOfCall, isPriced, loadPrices } from '#server/models/completions/prices.ts'
import { resolveModel, type Credentials, type ResolvedModel } from '#server/models/catalogue/providers.ts'
import { agentTools, fileTools } from '#server/models/completions/tools.ts'
import type { RuntimeAgent, RuntimeEvent } from '#server/agents/drivers/interface/driver.ts'
import { ModelNotSetUp } from './chat.errors.ts'
import type { ModelCall } from './chat.queries.ts'
import { offeredTools, systemPrompt } from './chat.rules.ts'

const HISTORY_MESSAGES = 20

type History = Awaited<ReturnType<typeof readHistory>>

/**
 * Lets the agent's model answer, or the first of its fallbacks that can while nothing was said yet, with
 * the tools of this server.
 *
 * @param calls Gets every call of a model that is made.
 * @throws ModelFailed, ModelNotSetUp, PriceUnknown; the signal's reason.
 */
export async function* answerInServer(
  ctx: AccountContext,
  agent: RuntimeAgent,
  { sessionId, messageId }: { sessionId: string; messageId: string },
  calls: ModelCall[],
  signal: AbortSignal,
): AsyncGenerator<RuntimeEvent> {
  const history = await readHistory(ctx, sessionId, messageId, agent.config.memoryLimit ?? HISTORY_MESSAGES)
  const candidates = [agent.model, ...(agent.config.fallbacks ?? [])]
  const begin = async (modelId: string) => {
    const model = resolve(ctx, modelId, agent.credentials)
    await requirePrice(ctx, model)
    const events = callModel(ctx, agent, model, history, calls, signal)
    return { first: await events.next(), events }
  }
  const { first, events } = await firstThatSucceeds(candidates, begin, {
    mayPass: (error, index) => !signal.aborted && isPassedOver(error, index),
    onPass: (error, model) => ctx.log.warn({ err: error, agentId: agent.id, model }, 'a model failed; trying the next one'),
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

/** @throws PriceUnknown where the key that calls may spend only so much. */
async function requirePrice(ctx: AccountContext, model: ResolvedModel): Promise<void> {
  const { env } = ctx.platform
  await loadPrices(env, [model])
  if (spendLimitOf(ctx) !== null && !isPriced(env, model)) throw new PriceUnknown(model.id)
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
  messages: History,
  calls: ModelCall[],
  signal: AbortSignal,
): AsyncGenerator<RuntimeEvent> {
  let lastCallEnded = performance.now()
  const record = (call: Omit<ModelCall, 'id' | 'provider' | 'model' | 'isOwnKey'>) =>
    calls.push({ id: newId('usage'), provider: model.provider, model: model.id, isOwnKey: model.isOwnKey, ...call })
  const asked = promptLength({ messages })
  /** Characters since the last call that ended. */
  let said = 0
  try {
    const events = generate({
      model,
      system: systemPrompt(name, config),
      messages,
      tools: offeredTools({ ...agentTools(memoryStoreOf(ctx, id)), ...fileTools(fileShelfOf(ctx, id)) }, config),
      ...(config.temperature === undefined ? {} : { temperature: config.temperature }),
      ...(config.maxTokens === undefined ? {} : { maxOutputTokens: config.maxTokens }),
      signal,
      timeoutMs: ctx.platform.env.MODEL_TIMEOUT_SECONDS * 1000,
    })
    for await (const event of events) {
      if (event.type === 'delta') said += event.text.length
      if (event.type === 'delta' || event.type === 'tool') yield event
      else if (event.type === 'finish') yield { type: 'finish', text: event.text, model: model.id }
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
