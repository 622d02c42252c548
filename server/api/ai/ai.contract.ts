import { z } from 'zod'
import { Success, timestamp } from '#server/platform/core/common.contract.ts'
import { MAX_MESSAGES, TextMessage } from '#server/models/completions/completions.contract.ts'

export const Model = z
  .object({
    id: z.string(),
    name: z.string(),
    provider: z.string(),
    description: z.string(),
    tags: z.array(z.string()),
    inputCost: z.number().min(0).nullable().describe('US dollars per 1,000 input tokens; null when unknown.'),
    outputCost: z.number().min(0).nullable().describe('US dollars per 1,000 output tokens; null when unknown.'),
    contextWindow: z.int().min(1).nullable().describe('Tokens; null when unknown.'),
    available: z.boolean().describe('Whether its provider can be used right now.'),
  })
  .meta({ id: 'Model' })
export type Model = z.infer<typeof Model>

export const ListModels = z.object({})
export const ListModelsOf = z.object({ provider: z.string().min(1).describe('Such as `openrouter`; an unknown one has no models.') })
export type ListModelsOf = z.infer<typeof ListModelsOf>
export const ModelList = z
  .object({
    models: z.array(Model),
    count: z.int().min(0),
    openrouter: z.int().min(0).optional().describe('Models served by OpenRouter, where it is in use.'),
    timestamp,
  })
  .meta({ id: 'ModelList' })
export const ProviderModelList = z
  .object({ provider: z.string(), models: z.array(Model), count: z.int().min(0), timestamp })
  .meta({ id: 'ProviderModelList' })

export const SelectModel = z.object({
  taskType: z.string().min(1).optional().describe('general, coding, analysis, creative or long; an unknown one counts as general.'),
})
export type SelectModel = z.infer<typeof SelectModel>
export const ModelSelection = z.object({ model: Model, taskType: z.string(), timestamp }).meta({ id: 'ModelSelection' })

export const GetAiHealth = z.object({})
export const AiHealth = z
  .object({
    status: z.enum(['healthy', 'degraded']).meta({ id: 'AiHealthStatus', description: 'degraded: the default provider does not answer.' }),
    providers: z.record(z.string(), z.boolean()).describe('Provider to whether it answers.'),
    timestamp,
  })
  .meta({ id: 'AiHealth' })

export const EstimateCost = z.object({
  model: z.string().min(1, 'expected the id of a model'),
  inputTokens: z.int().min(0).meta({ format: 'int64' }),
  outputTokens: z.int().min(0).meta({ format: 'int64' }),
})
export type EstimateCost = z.infer<typeof EstimateCost>
export const CostEstimate = z
  .object({
    model: z.string(),
    inputTokens: z.int().min(0).meta({ format: 'int64' }),
    outputTokens: z.int().min(0).meta({ format: 'int64' }),
    estimatedCost: z.number().min(0),
    currency: z.literal('USD'),
    timestamp,
  })
  .meta({ id: 'CostEstimate' })

export const TextMessages = z.array(TextMessage).min(1, 'expected at least one message').max(MAX_MESSAGES)

export const CreateAiChat = z.object({
  messages: TextMessages,
  model: z.string().min(1).optional().describe('One that fits `taskType` when left out.'),
  taskType: z.string().min(1).optional().describe('general, coding, analysis, creative or long.'),
  temperature: z.number().min(0).max(2).optional(),
  top_p: z.number().min(0).max(1).optional(),
  max_tokens: z.int().min(1).optional(),
  algorithmMode: z.boolean().default(false).describe('Adds a system prompt for step-by-step work, once.'),
  subscriptionId: z.string().min(1).optional().describe('When sent, it must be the subscription on file.'),
})
export type CreateAiChat = z.output<typeof CreateAiChat>

export const TokenUsage = z
  .object({ prompt_tokens: z.int().min(0), completion_tokens: z.int().min(0), total_tokens: z.int().min(0) })
  .meta({ id: 'TokenUsage' })

export const AiChatReply = z
  .object({
    id: z.string(),
    model: z.string().describe('The model that answered, which may be a fallback.'),
    provider: z.string(),
    message: z.object({ role: z.literal('assistant'), content: z.string() }).meta({ id: 'AiChatMessage' }),
    usage: TokenUsage,
    cost: z.number().min(0).nullable().describe('US dollars; null when the price of the model is unknown.'),
    timestamp,
  })
  .meta({ id: 'AiChatReply' })
export type AiChatReply = z.infer<typeof AiChatReply>

export const AiChatDelta = z.object({ type: z.literal('delta'), text: z.string() }).meta({ id: 'AiChatDelta' })
export const AiChatDone = z.object({ type: z.literal('done'), ...AiChatReply.shape }).meta({ id: 'AiChatDone' })
export const AiChatEvent = z.discriminatedUnion('type', [AiChatDelta, AiChatDone]).meta({ id: 'AiChatEvent' })
export type AiChatEvent = z.infer<typeof AiChatEvent>

export const OwnKeyProvider = z.enum(['openrouter', 'openai', 'anthropic', 'google', 'groq']).meta({ id: 'OwnKeyProvider' })
export const ProviderKey = z
  .object({ provider: OwnKeyProvider, updatedAt: timestamp })
  .meta({ id: 'ProviderKey', description: 'That the account has a key of its own for a provider; never the key.' })
export const ListProviderKeys = z.object({})
export const ProviderKeyList = z.array(ProviderKey)
export const SetProviderKey = z.object({ provider: OwnKeyProvider, apiKey: z.string().trim().min(1, 'expected a key').max(500) })
export const ProviderKeyRef = z.object({ provider: OwnKeyProvider })
export const ProviderKeyRemoved = Success
