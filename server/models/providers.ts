import type { Env } from '../core/env.ts'
import { createLocalCommands, LOCAL_COMMANDS } from './local-commands.ts'
import type { ModelObject } from './language-model.ts'
import { ModelNotAvailable } from './models.errors.ts'
import { modelFor } from './provider-clients.ts'
import type { ProviderName, Route } from './provider-clients.ts'

/** Keys of the agent's owner (BYOK). They win over the operator's. */
export type Credentials = Partial<Record<'openrouter' | 'openai' | 'anthropic' | 'google', string>>

export interface ResolvedModel {
  /** As it was asked for, e.g. `openai/gpt-4o-mini` even when OpenRouter serves it. */
  id: string
  provider: ProviderName
  model: ModelObject
  /** True for `local/commands`: no request leaves the server. */
  isLocal: boolean
}

const hostedProviders = ['openrouter', 'openai', 'anthropic', 'google'] as const
type HostedProvider = (typeof hostedProviders)[number]

/** Keys the operator set. Google works with an agent's own key only. */
const operatorKeys = (env: Env): Credentials => ({
  openrouter: env.OPENROUTER_API_KEY,
  openai: env.OPENAI_API_KEY,
  anthropic: env.ANTHROPIC_API_KEY,
})

/** The providers that can be used, without `local`, in the order in which a default is looked for. */
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
  const route = findRoute(env, modelId, credentials)
  if (!route) throw new ModelNotAvailable(modelId, configuredProviders(env, credentials))
  const isLocal = route.provider === 'local'
  return { id: modelId, provider: route.provider, model: isLocal ? createLocalCommands() : modelFor(env, route), isLocal }
}

/** Whether a configured provider takes the id. It may still turn out that the provider does not know the model. */
export const isModelAvailable = (env: Env, modelId: string, credentials: Credentials = {}): boolean =>
  findRoute(env, modelId, credentials) !== undefined

/**
 * The owner's keys are tried before the operator's, so that somebody who brought a key is not served
 * at the operator's expense; for each, the vendor itself is tried before OpenRouter.
 */
function findRoute(env: Env, modelId: string, credentials: Credentials): Route | undefined {
  if (modelId === LOCAL_COMMANDS) return { provider: 'local', modelName: modelId, apiKey: undefined }
  if (modelId.startsWith('local/')) return undefined
  return (
    hostedRoute(modelId, withoutEmpty(credentials)) ??
    hostedRoute(modelId, operatorKeys(env)) ??
    compatibleRoute(env, modelId, configuredProviders(env, credentials))
  )
}

function hostedRoute(modelId: string, keys: Credentials): Route | undefined {
  const [prefix, name] = splitId(modelId)
  if (!prefix || !name || prefix === 'compatible') return undefined
  if (prefix === 'openrouter') return keys.openrouter ? { provider: 'openrouter', modelName: name, apiKey: keys.openrouter } : undefined
  const vendor = hostedProviders.find((provider) => provider === prefix)
  if (vendor && keys[vendor] && isNameOf(vendor, name)) return { provider: vendor, modelName: name, apiKey: keys[vendor] }
  return keys.openrouter ? { provider: 'openrouter', modelName: modelId, apiKey: keys.openrouter } : undefined
}

/** Names with a dot such as `claude-3.5-sonnet` are OpenRouter's; Anthropic itself has none. */
const isNameOf = (vendor: HostedProvider, name: string) => !(vendor === 'anthropic' && name.includes('.'))

/** An id of another vendor is only sent there when there is nothing else it could be meant for. */
function compatibleRoute(env: Env, modelId: string, configured: ProviderName[]): Route | undefined {
  if (!env.OPENAI_COMPATIBLE_BASE_URL) return undefined
  const [prefix, name] = splitId(modelId)
  const route = (modelName: string): Route => ({ provider: 'compatible', modelName, apiKey: env.OPENAI_COMPATIBLE_API_KEY })
  if (prefix === 'compatible') return name ? route(name) : undefined
  if (prefix === 'openrouter') return undefined
  const isOnlyProvider = configured.length === 1
  return modelId && (!prefix || isOnlyProvider) ? route(modelId) : undefined
}

/** `a/b/c` as `['a', 'b/c']`; an id without a slash has no prefix. */
function splitId(modelId: string): [prefix: string | undefined, name: string] {
  const slash = modelId.indexOf('/')
  return slash < 0 ? [undefined, modelId] : [modelId.slice(0, slash), modelId.slice(slash + 1)]
}

const withoutEmpty = (credentials: Credentials): Credentials => Object.fromEntries(Object.entries(credentials).filter(([, key]) => key))
