import { type Context, InvalidInput, newId } from '#server/platform/core/index.ts'
import { createCompletion, streamCompletion } from './chat-completions.service.ts'
import type { ChatCompletionRequest } from './completions.contract.ts'
import { nanoUsdOfNumber } from '#server/platform/money/index.ts'
import { affordableTokens, promptLength } from './cost.rules.ts'
import { pickModels } from './offered-models.service.ts'
import { loadPrices, pricesOf } from './prices.ts'
import { findRoutes } from '../catalogue/index.ts'

/** A conversation to be continued, in plain texts. */
export interface TextRequest {
  messages: { role: 'system' | 'user' | 'assistant'; content: string }[]
  /** One that fits `taskType` when left out. */
  model?: string
  /** general, coding, analysis, creative or long. */
  taskType?: string
  temperature?: number
  topP?: number
  maxTokens?: number
  /** Most the answer may cost, in billionths of a US dollar: it is kept short enough, and models that are too dear are not asked. */
  mostCostNanoUsd?: number
}

export interface TextCompletion {
  id: string
  /** The model that answered, which may be a fallback. */
  model: string
  provider: string
  text: string
  /** `isEstimated`: the provider did not say how many. */
  usage: { inputTokens: number; outputTokens: number; isEstimated: boolean }
  /** Billionths of a US dollar; null when the price of the model is unknown. */
  costNanoUsd: number | null
}

export type TextEvent = { type: 'delta'; text: string } | ({ type: 'done' } & TextCompletion)

/** Continues a conversation. @throws InvalidInput when the model is too dear; what createCompletion throws. */
export async function completeText(ctx: Context, request: TextRequest): Promise<TextCompletion> {
  const { chat, fallbacks } = await toChat(ctx, request)
  const { completion, provider, inputTokens, outputTokens, costNanoUsd } = await createCompletion(ctx, chat, fallbacks)
  const text = spokenText(completion.choices[0]?.message ?? {})
  const usage = { inputTokens, outputTokens, isEstimated: completion.usage?.estimated === true }
  return { id: newId('completion'), model: completion.model, provider, text, usage, costNanoUsd }
}

/** Lets a model go on with a conversation, piece by piece; the whole comes last. */
export async function* streamText(ctx: Context, request: TextRequest): AsyncGenerator<TextEvent> {
  const { chat, fallbacks } = await toChat(ctx, request)
  let text = ''
  for await (const { choices, usage, model, provider } of streamCompletion(ctx, chat, fallbacks)) {
    const piece = spokenText(choices[0]?.delta ?? {})
    if (piece !== '') {
      text += piece
      yield { type: 'delta', text: piece }
    }
    if (!usage) continue
    const { prompt_tokens: inputTokens, completion_tokens: outputTokens, estimated } = usage
    const counted = { inputTokens, outputTokens, isEstimated: estimated === true }
    const costNanoUsd = usage.cost === undefined ? null : nanoUsdOfNumber(usage.cost)
    yield { type: 'done', id: newId('completion'), model, provider, text, usage: counted, costNanoUsd }
  }
}

/** What the model says; one that refuses says so in a field of its own. */
const spokenText = ({ content, refusal }: { content?: unknown; refusal?: unknown }): string =>
  [content, refusal].filter((text) => typeof text === 'string').join('')

/** An answer shorter than that is none. */
const MIN_TOKENS = 64

/** Other models for the task stand in when one fails, unless the operator named which. */
const MAX_STAND_INS = 2

async function toChat(
  ctx: Context,
  { messages, model, taskType, temperature, topP, maxTokens, mostCostNanoUsd }: TextRequest,
): Promise<{ chat: ChatCompletionRequest; fallbacks: string[] }> {
  const { env } = ctx.platform
  const affordable = (id: string): number => {
    const [route] = mostCostNanoUsd === undefined ? [] : findRoutes(env, id)
    return route ? affordableTokens(pricesOf(env, route), promptLength({ messages }), mostCostNanoUsd!) : Infinity
  }
  const isAffordable = (id: string) => affordable(id) >= MIN_TOKENS
  const named = env.FALLBACK_MODELS
  if (mostCostNanoUsd !== undefined && model) await loadPrices(env, findRoutes(env, model))
  const picked = model && named.length > 0 ? [] : (await pickModels(ctx, taskType)).map(({ id }) => id).filter(isAffordable)
  const chosen = model ?? picked[0]
  if (!chosen || !isAffordable(chosen))
    throw new InvalidInput([{ field: 'messages', message: `too long for what this call pays${model ? ` "${model}"` : ''}` }])
  const mostTokens = Math.min(maxTokens ?? Infinity, affordable(chosen))
  const canStandIn = (id: string) => affordable(id) >= Math.min(mostTokens, affordable(chosen))
  const fallbacks = picked.filter((id) => id !== chosen && !id.startsWith('local/')).slice(0, MAX_STAND_INS)
  const chat = {
    model: chosen,
    messages,
    ...(temperature === undefined ? {} : { temperature }),
    ...(topP === undefined ? {} : { top_p: topP }),
    ...(mostTokens === Infinity ? {} : { max_tokens: mostTokens }),
  }
  return { chat, fallbacks: (named.length > 0 ? named : fallbacks).filter(canStandIn) }
}
