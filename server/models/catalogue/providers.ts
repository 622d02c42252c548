import type { Env } from '#server/platform/core/index.ts'
import { ModelNotAvailable } from './models.errors.ts'
import { withProviderName } from './provider-names.ts'
import { LOCAL_COMMANDS, openAiBaseUrl, type ProviderName, type Route } from './routes.ts'

/** Keys of the agent's owner (BYOK). They win over the operator's. */
export type Credentials = Partial<Record<HostedProvider, string>>

export interface ResolvedModel extends Route {
  /** As it was asked for, e.g. `openai/gpt-4o-mini` even when OpenRouter serves it. */
  id: string
  /** True for `local/commands`: no request leaves the server. */
  isLocal: boolean
}

/** Providers that are used with a key, the operator's or an account's own. */
export const hostedProviders = ['openrouter', 'openai', 'anthropic', 'google', 'groq'] as const
export type HostedProvider = (typeof hostedProviders)[number]

/** Keys the operator set. */
const operatorKeys = (env: Env): Credentials => ({
  openrouter: env.OPENROUTER_API_KEY,
  openai: env.OPENAI_API_KEY,
  anthropic: env.ANTHROPIC_API_KEY,
  google: env.GEMINI_API_KEY,
  groq: env.GROQ_API_KEY,
})

/** Where a provider is reached. */
export const hostedBaseUrl = (env: Env, provider: HostedProvider): string =>
  provider === 'anthropic' ? env.ANTHROPIC_BASE_URL : openAiBaseUrl(env, provider)

/** The key of a provider the operator set, if any. */
export const operatorKey = (env: Env, provider: HostedProvider): string | undefined => operatorKeys(env)[provider]

/**
 * The providers that are set up, without `local`, in the order in which a default is looked for.
 * Ollama is not among them: it needs no setting up, and is there when it answers.
 */
export function configuredProviders(env: Env, credentials: Credentials = {}): ProviderName[] {
  const keys = { ...operatorKeys(env), ...withoutEmpty(credentials) }
  const hosted: ProviderName[] = hostedProviders.filter((provider) => keys[provider])
  return env.OPENAI_COMPATIBLE_BASE_URL ? [...hosted, 'compatible'] : hosted
}

/**
 * The model of that id.
 *
 * @throws ModelNotAvailable when no configured provider has it.
 */
export function resolveModel(env: Env, modelId: string, credentials: Credentials = {}): ResolvedModel {
  const [route] = findRoutes(env, modelId, credentials)
  if (!route) throw new ModelNotAvailable(modelId, configuredProviders(env, credentials))
  return { ...route, id: modelId, isLocal: route.provider === 'local' }
}

/** Whether a configured provider takes the id. It may still turn out that the provider does not know the model. */
export const isModelAvailable = (env: Env, modelId: string, credentials: Credentials = {}): boolean =>
  findRoutes(env, modelId, credentials).length > 0

/**
 * All ways to a model, best first. The owner's keys come before the operator's, so that somebody who
 * brought a key is not served at the operator's expense; for each, the vendor itself before OpenRouter.
 */
export function findRoutes(env: Env, id: string, credentials: Credentials = {}): Route[] {
  const modelId = withProviderName(id)
  if (modelId === LOCAL_COMMANDS) return [{ provider: 'local', modelName: modelId, apiKey: undefined, isOwnKey: false }]
  const [prefix, name] = splitId(modelId)
  if (prefix === 'local') return []
  if (prefix === 'ollama') return name ? [{ provider: 'ollama', modelName: name, apiKey: undefined, isOwnKey: false }] : []
  const own = hostedRoutes(modelId, withoutEmpty(credentials), true)
  const hosted = [...own, ...hostedRoutes(modelId, operatorKeys(env), false)]
  return hosted.length > 0 ? hosted : compatibleRoute(env, id, configuredProviders(env, credentials))
}

/** The id by which a model is known here: with its provider's own name, unless a server of the operator's takes it as it is. */
export const routedId = (env: Env, id: string, credentials: Credentials = {}): string =>
  findRoutes(env, id, credentials)[0]?.provider === 'compatible' ? id : withProviderName(id)

function hostedRoutes(modelId: string, keys: Credentials, isOwnKey: boolean): Route[] {
  const [prefix, name] = splitId(modelId)
  if (!prefix || !name || prefix === 'compatible') return []
  const routeTo = (provider: HostedProvider, modelName: string): Route[] =>
    keys[provider] ? [{ provider, modelName, apiKey: keys[provider], isOwnKey }] : []
  if (prefix === 'openrouter') return routeTo('openrouter', name)
  const vendor = hostedProviders.find((provider) => provider === prefix)
  return [...(vendor && isNameOf(vendor, name) ? routeTo(vendor, name) : []), ...(vendor === 'groq' ? [] : routeTo('openrouter', modelId))]
}

/** Names with a dot such as `claude-3.5-sonnet` are OpenRouter's; Anthropic itself has none. */
const isNameOf = (vendor: HostedProvider, name: string) => !(vendor === 'anthropic' && name.includes('.'))

/** An id of another vendor is only sent there when there is nothing else it could be meant for. */
function compatibleRoute(env: Env, modelId: string, configured: ProviderName[]): Route[] {
  if (!env.OPENAI_COMPATIBLE_BASE_URL) return []
  const [prefix, name] = splitId(modelId)
  const route = (modelName: string): Route[] => [
    { provider: 'compatible', modelName, apiKey: env.OPENAI_COMPATIBLE_API_KEY, isOwnKey: false },
  ]
  if (prefix === 'compatible') return name ? route(name) : []
  if (prefix === 'openrouter') return []
  const isOnlyProvider = configured.length === 1
  return modelId && (!prefix || isOnlyProvider) ? route(modelId) : []
}

/** `a/b/c` as `['a', 'b/c']`; an id without a slash has no prefix. */
function splitId(modelId: string): [prefix: string | undefined, name: string] {
  const slash = modelId.indexOf('/')
  return slash < 0 ? [undefined, modelId] : [modelId.slice(0, slash), modelId.slice(slash + 1)]
}

const withoutEmpty = (credentials: Credentials): Credentials => Object.fromEntries(Object.entries(credentials).filter(([, key]) => key))
