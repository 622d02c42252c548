export { MAX_ANSWER_BYTES, MAX_TEXT_CHARACTERS, streamLimits } from './answer-limits.ts'
export { canonicalModelId, defaultModelId, defaultModelOf, listModels } from './catalogue.ts'
export { type ModelFacts, type ModelPrices, knownModels } from './known-models.ts'
export { askProvider, keyFor, loadModels, lookUpModel, operatorPrice, readModels, refreshModels } from './model-lists.ts'
export { findModelProblem } from './model-reach.ts'
export { taskTags } from './model-tags.rules.ts'
export {
  ModelFailed,
  type ModelFailure,
  ModelNotAvailable,
  ModelNotCovered,
  ModelNotFound,
  ModelRefusedRequest,
  isRefusedRequest,
  isRequestAtFault,
  ProviderNotConfigured,
} from './models.errors.ts'
export { canonicalProvider, documentedName, namesOfProvider } from './provider-names.ts'
export { LOCAL_COMMANDS, type ProviderName, type Route, openAiBaseUrl } from './routes.ts'
export * as providerKeys from './provider-keys.service.ts'
export { readProviderKeys, sealedProviderKeys } from './provider-keys.service.ts'
export {
  type Credentials,
  type HostedProvider,
  type ResolvedModel,
  configuredProviders,
  findRoutes,
  hostedBaseUrl,
  hostedProviders,
  isModelAvailable,
  operatorKey,
  resolveModel,
  routedId,
} from './providers.ts'
export type { ListingProvider } from './published-models.ts'
