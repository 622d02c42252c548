import { operations } from '#server/operations.ts'
import { EmbeddingTexts } from '#server/api/openai/openai.contract.ts'
import { exposeMutations, exposeQueries, exposeSubscriptions } from './expose.ts'

const { ai, openai } = operations

exposeQueries({
  aiHealth: ai.health,
  aiModels: ai.models,
  aiModelsOf: ai.modelsOf,
  selectAiModel: ai.select,
  estimateAiCost: ai.estimate,
  providerKeys: ai.providerKeys,
  openAiModels: openai.models,
  openAiModel: openai.model,
})

exposeMutations(
  {
    aiChat: ai.chat,
    setProviderKey: ai.setProviderKey,
    removeProviderKey: ai.removeProviderKey,
    chatCompletion: openai.complete,
    embeddings: openai.embed,
  },
  { embeddings: { input: EmbeddingTexts } },
)

exposeSubscriptions({
  aiChatStream: ai.streamChat,
  chatCompletionStream: openai.stream,
})
