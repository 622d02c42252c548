import { nanoUsdAsNumber } from '#server/platform/money/index.ts'
import { requireModelPlan } from '#server/money/billing/index.ts'
import type { AccountContext, Context } from '#server/platform/core/index.ts'
import { defaultModelId, askProvider, configuredProviders, findRoutes, canonicalProvider } from '#server/models/catalogue/index.ts'
import {
  completeText,
  streamText,
  type TextCompletion,
  type TextRequest,
  costOf,
  listOfferedModels,
  pickModels,
  readPrices,
  type OfferedModel,
} from '#server/models/completions/index.ts'
import type { AiChatEvent, AiChatReply, CreateAiChat, EstimateCost, ListModelsOf, Model, SelectModel } from './ai.contract.ts'
import { withAlgorithmPrompt } from './algorithm-mode.rules.ts'

const now = () => new Date().toISOString()

/** Per 1,000 tokens, from a price per million. */
const perThousand = (price: number | null): number | null => (price === null ? null : price / 1000)

const toModel = ({ id, title, provider, description, tags, inputPrice, outputPrice, contextWindow, isAvailable }: OfferedModel): Model => ({
  id,
  name: title,
  provider,
  description,
  tags,
  inputCost: perThousand(inputPrice),
  outputCost: perThousand(outputPrice),
  contextWindow,
  available: isAvailable,
})

/** The models the set-up providers offer now, with their prices; embedding models included. */
export async function listModels(ctx: Context) {
  const models = (await listOfferedModels(ctx)).map(toModel)
  const openrouter = models.filter(({ provider }) => provider === 'openrouter').length
  return { models, count: models.length, ...(openrouter > 0 ? { openrouter } : {}), timestamp: now() }
}

/** Those of one provider, by any of its names; an unknown one has none. */
export async function listModelsOf(ctx: Context, { provider }: ListModelsOf) {
  const models = (await listOfferedModels(ctx)).filter((model) => model.provider === canonicalProvider(provider)).map(toModel)
  return { provider, models, count: models.length, timestamp: now() }
}

/** A model for a kind of task that can be called now. @throws what pickModels throws. */
export async function selectModel(ctx: Context, { taskType = 'general' }: SelectModel) {
  const [model] = await pickModels(ctx, taskType)
  return { model: toModel(model!), taskType, timestamp: now() }
}

/** Asks every provider that is set up whether it answers. */
export async function getAiHealth({ platform: { env } }: Context) {
  const configured = configuredProviders(env).filter((provider) => provider !== 'local')
  const asked = await Promise.all(
    [...configured, 'ollama' as const].map(async (provider) => [provider, !(await askProvider(env, provider))] as const),
  )
  // Ollama is there when it answers; nobody set it up, so its silence is no fault.
  const answers = Object.fromEntries([...asked.filter(([provider, isAnswering]) => provider !== 'ollama' || isAnswering), ['local', true]])
  const standard = findRoutes(env, await defaultModelId(env).catch(() => ''))[0]?.provider
  const isHealthy = standard !== undefined && answers[standard] === true
  return { status: isHealthy ? ('healthy' as const) : ('degraded' as const), providers: answers, timestamp: now() }
}

/** What tokens cost at the present prices. @throws ModelNotFound when the model or its price is unknown. */
export async function estimateCost(ctx: Context, { model, inputTokens, outputTokens }: EstimateCost) {
  const cost = costOf(await readPrices(ctx, model), { inputTokens, outputTokens }) ?? 0
  return { model, inputTokens, outputTokens, estimatedCost: nanoUsdAsNumber(cost), currency: 'USD' as const, timestamp: now() }
}

/** Continues a conversation with a model. @throws ModelPlanRequired; what completeText throws. */
export async function createChat(ctx: AccountContext, input: CreateAiChat): Promise<AiChatReply> {
  requireModelPlan(ctx, input.subscriptionId)
  return toReply(await completeText(ctx, toRequest(input)))
}

/** Answers a chat piece by piece; the whole comes last. */
export async function* streamChat(ctx: AccountContext, input: CreateAiChat): AsyncGenerator<AiChatEvent> {
  requireModelPlan(ctx, input.subscriptionId)
  for await (const event of streamText(ctx, toRequest(input))) yield event.type === 'delta' ? event : { type: 'done', ...toReply(event) }
}

const toRequest = ({ messages, model, taskType, temperature, top_p, max_tokens, algorithmMode }: CreateAiChat): TextRequest => ({
  messages: algorithmMode ? withAlgorithmPrompt(messages) : messages,
  ...(model ? { model } : {}),
  ...(taskType ? { taskType } : {}),
  ...(temperature === undefined ? {} : { temperature }),
  ...(top_p === undefined ? {} : { topP: top_p }),
  ...(max_tokens === undefined ? {} : { maxTokens: max_tokens }),
})

const toReply = ({ id, model, provider, text, usage, costNanoUsd }: TextCompletion): AiChatReply => ({
  id,
  model,
  provider,
  message: { role: 'assistant', content: text },
  usage: {
    prompt_tokens: usage.inputTokens,
    completion_tokens: usage.outputTokens,
    total_tokens: usage.inputTokens + usage.outputTokens,
    ...(usage.isEstimated ? { estimated: true as const } : {}),
  },
  cost: costNanoUsd === null ? null : nanoUsdAsNumber(costNanoUsd),
  timestamp: now(),
})
