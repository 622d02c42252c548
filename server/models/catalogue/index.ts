export { MAX_ANSWER_BYTES, MAX_TEXT_CHARACTERS, streamLimits } from './answer-limits.ts'
export { canonicalModelId, defaultModelId, defaultModelOf, listModels } from './catalogue.ts'
export { type ModelFacts, type ModelPrices, knownModels } from './known-models.ts'
export type {
  AssistantPart,
  CallOptions,
  FinishReason,
  ModelObject,
  ModelUsage,
  OfferedTool,
  Prompt,
  PromptMessage,
  StreamPart,
  ToolCall,
  ToolOutput,
  ToolResultPart,
} from './language-model.ts'
export { LOCAL_COMMANDS } from './local-commands.ts'
export { askProvider, keyFor, loadModels, lookUpModel, operatorPrice, readModels, refreshModels } from './model-lists.ts'
export { taskTags } from './model-tags.rules.ts'
export {
  ModelFailed,
  type ModelFailure,
  ModelNotAvailable,
  ModelNotCovered,
  ModelNotFound,
  ModelRefusedRequest,
  ProviderNotConfigured,
} from './models.errors.ts'
export { documentedName, providerNamed } from './provider-names.ts'
export { type ProviderName, type Route, openAiBaseUrl } from './provider-clients.ts'
export * as providerKeys from './provider-keys.service.ts'
export { readProviderKeys } from './provider-keys.service.ts'
export {
  type Credentials,
  type HostedProvider,
  type ResolvedModel,
  configuredProviders,
  findRoutes,
  hostedBaseUrl,
  hostedProviders,
  isModelAvailable,
  modelOf,
  resolveModel,
  routedId,
} from './providers.ts'
export type { ListingProvider } from './published-models.ts'
