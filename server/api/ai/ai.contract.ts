import { z } from 'zod'
import { Success, timestamp } from '#server/platform/core/common.contract.ts'
import { MAX_MESSAGES, TextMessage } from '#server/models/completions/completions.contract.ts'

export const Model = z
  .object({
    id: z.string().describe('What calls name it by, such as `openai/gpt-4o-mini`.'),
    name: z.string().describe('What it is called for people.'),
    provider: z.string().describe('Provider that serves it.'),
    description: z.string().describe('What it is good at.'),
    tags: z.array(z.string()).describe('Words to find it by.'),
    inputCost: z.number().min(0).nullable().describe('US dollars per 1,000 input tokens; null when unknown.'),
    outputCost: z.number().min(0).nullable().describe('US dollars per 1,000 output tokens; null when unknown.'),
    contextWindow: z.int().min(1).nullable().describe('Tokens; null when unknown.'),
    available: z.boolean().describe('Whether its provider can be used right now.'),
  })
  .meta({ id: 'Model', description: 'A model that can be talked with.' })
export type Model = z.infer<typeof Model>

export const ListModels = z.object({})
export const ListModelsOf = z.object({ provider: z.string().min(1).describe('Such as `openrouter`; an unknown one has no models.') })
export type ListModelsOf = z.infer<typeof ListModelsOf>
export const ModelList = z
  .object({
    models: z.array(Model).describe('The models.'),
    count: z.int().min(0).describe('How many models there are.'),
    openrouter: z.int().min(0).optional().describe('Models served by OpenRouter, where it is in use.'),
    timestamp: timestamp.describe('When this answer was made.'),
  })
  .meta({ id: 'ModelList', description: 'All models of the catalogue.' })
export const ProviderModelList = z
  .object({
    provider: z.string().describe('The provider that was asked for.'),
    models: z.array(Model).describe('Its models.'),
    count: z.int().min(0).describe('How many models it has.'),
    timestamp: timestamp.describe('When this answer was made.'),
  })
  .meta({ id: 'ProviderModelList', description: 'The models of one provider.' })

export const SelectModel = z.object({
  taskType: z.string().min(1).optional().describe('general, coding, analysis, creative or long; an unknown one counts as general.'),
})
export type SelectModel = z.infer<typeof SelectModel>
export const ModelSelection = z
  .object({
    model: Model,
    taskType: z.string().describe('The kind of task it was picked for.'),
    timestamp: timestamp.describe('When this answer was made.'),
  })
  .meta({ id: 'ModelSelection', description: 'A model that fits a kind of task.' })

export const GetAiHealth = z.object({})
export const AiHealth = z
  .object({
    status: z.enum(['healthy', 'degraded']).meta({
      id: 'AiHealthStatus',
      description: 'degraded: the default provider does not answer.',
      'x-enumDescriptions': { healthy: 'The default provider answers.', degraded: 'The default provider does not answer.' },
    }),
    providers: z.record(z.string(), z.boolean()).describe('Provider to whether it answers.'),
    timestamp: timestamp.describe('When they were asked.'),
  })
  .meta({ id: 'AiHealth', description: 'Whether the AI providers answer.' })

export const EstimateCost = z.object({
  model: z.string().min(1, 'expected the id of a model').describe('Id of the model.'),
  inputTokens: z.int().min(0).meta({ format: 'int64' }).describe('Tokens that are sent.'),
  outputTokens: z.int().min(0).meta({ format: 'int64' }).describe('Tokens that are answered.'),
})
export type EstimateCost = z.infer<typeof EstimateCost>
export const CostEstimate = z
  .object({
    model: z.string().describe('Id of the model.'),
    inputTokens: z.int().min(0).meta({ format: 'int64' }).describe('Tokens that are sent.'),
    outputTokens: z.int().min(0).meta({ format: 'int64' }).describe('Tokens that are answered.'),
    estimatedCost: z.number().min(0).describe('In the currency named below.'),
    currency: z.literal('USD').describe('Always US dollars.'),
    timestamp: timestamp.describe('When this answer was made.'),
  })
  .meta({ id: 'CostEstimate', description: 'What a number of tokens would cost.' })

export const TextMessages = z.array(TextMessage).min(1, 'expected at least one message').max(MAX_MESSAGES)

export const CreateAiChat = z.object({
  messages: TextMessages.describe('The conversation so far, oldest first.'),
  model: z.string().min(1).optional().describe('One that fits `taskType` when left out.'),
  taskType: z.string().min(1).optional().describe('general, coding, analysis, creative or long.'),
  temperature: z.number().min(0).max(2).optional().describe('0 for the most likely words, up to 2 for the least.'),
  top_p: z.number().min(0).max(1).optional().describe('Share of the likeliest words to pick from, 0 to 1.'),
  max_tokens: z.int().min(1).optional().describe('Most tokens of the answer.'),
  algorithmMode: z.boolean().default(false).describe('Adds a system prompt for step-by-step work, once.'),
  subscriptionId: z.string().min(1).optional().describe('When sent, it must be the subscription on file.'),
})
export type CreateAiChat = z.output<typeof CreateAiChat>

export const TokenUsage = z
  .object({
    prompt_tokens: z.int().min(0).describe('Tokens that were sent.'),
    completion_tokens: z.int().min(0).describe('Tokens that were answered.'),
    total_tokens: z.int().min(0).describe('Both together.'),
    estimated: z.literal(true).optional().describe('There when the provider did not say how many tokens: they were estimated.'),
  })
  .meta({ id: 'TokenUsage', description: 'Tokens of one call.' })

export const AiChatReply = z
  .object({
    id: z.string().describe('Its id.'),
    model: z.string().describe('The model that answered, which may be a fallback.'),
    provider: z.string().describe('Provider that served it.'),
    message: z
      .object({ role: z.literal('assistant').describe('Always `assistant`.'), content: z.string().describe('What it says.') })
      .meta({ id: 'AiChatMessage', description: 'The message a model answered with.' }),
    usage: TokenUsage,
    cost: z.number().min(0).nullable().describe('US dollars; null when the price of the model is unknown.'),
    timestamp: timestamp.describe('When this answer was made.'),
  })
  .meta({ id: 'AiChatReply', description: 'What a model answered.' })
export type AiChatReply = z.infer<typeof AiChatReply>

export const AiChatDelta = z
  .object({ type: z.literal('delta').describe('Always `delta`.'), text: z.string().describe('What it adds to the answer.') })
  .meta({ id: 'AiChatDelta', description: 'The next piece of an answer.' })
export const AiChatDone = z
  .object({ type: z.literal('done').describe('Always `done`.'), ...AiChatReply.shape })
  .meta({ id: 'AiChatDone', description: 'The whole answer, at the end.' })
export const AiChatEvent = z
  .discriminatedUnion('type', [AiChatDelta, AiChatDone])
  .meta({ id: 'AiChatEvent', description: 'What happens while a model answers.' })
export type AiChatEvent = z.infer<typeof AiChatEvent>

export const OwnKeyProvider = z.enum(['openrouter', 'openai', 'anthropic', 'google', 'groq']).meta({
  id: 'OwnKeyProvider',
  description: 'A provider that takes keys of accounts.',
  'x-enumDescriptions': { openrouter: 'OpenRouter.', openai: 'OpenAI.', anthropic: 'Anthropic.', google: 'Google.', groq: 'Groq.' },
})
export const ProviderKey = z
  .object({ provider: OwnKeyProvider, updatedAt: timestamp.describe('When the key was last set.') })
  .meta({ id: 'ProviderKey', description: 'That the account has a key of its own for a provider; never the key.' })
export const ListProviderKeys = z.object({})
export const ProviderKeyList = z.array(ProviderKey)
export const SetProviderKey = z.object({
  provider: OwnKeyProvider,
  apiKey: z.string().trim().min(1, 'expected a key').max(500).describe('The key, as the provider gave it.'),
})
export const ProviderKeyRef = z.object({ provider: OwnKeyProvider })
export const ProviderKeyRemoved = Success
