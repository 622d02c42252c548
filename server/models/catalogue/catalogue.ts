import type { Env } from '#server/platform/core/index.ts'
import { LOCAL_COMMANDS } from './routes.ts'
import { ModelNotAvailable, ModelProviderUnreachable } from './models.errors.ts'
import { askProvider, readModels } from './model-lists.ts'
import { canonicalProvider } from './provider-names.ts'
import { configuredProviders, routedId } from './providers.ts'
import type { Credentials } from './providers.ts'
import type { ProviderName } from './routes.ts'

/** One row of the model picker. */
export interface ModelChoice {
  id: string
  provider: ProviderName
  isLocal: boolean
}

/** Short lists for the picker; the first of each is the provider's default. Any other id of the provider can be typed. */
const curated: Record<Exclude<ProviderName, 'compatible' | 'ollama' | 'local'>, [string, ...string[]]> = {
  openrouter: [
    'openrouter/openai/gpt-4o-mini',
    'openrouter/openai/gpt-4o',
    'openrouter/anthropic/claude-haiku-4.5',
    'openrouter/anthropic/claude-sonnet-4.5',
    'openrouter/google/gemini-2.5-flash',
  ],
  openai: ['openai/gpt-4o-mini', 'openai/gpt-4o', 'openai/gpt-4.1-mini', 'openai/gpt-4.1'],
  anthropic: ['anthropic/claude-haiku-4-5', 'anthropic/claude-sonnet-4-5', 'anthropic/claude-opus-4-6'],
  google: ['google/gemini-2.5-flash', 'google/gemini-2.5-pro'],
  groq: ['groq/llama-3.3-70b-versatile', 'groq/llama-3.1-8b-instant'],
}

/** Names the API accepts for "the default model of that provider". */
const aliases: Record<string, 'anthropic' | 'openai' | 'compatible'> = {
  'claude-opus-4-6': 'anthropic',
  'gpt-4': 'openai',
  custom: 'compatible',
}

/**
 * The model of an agent that names none: DEFAULT_MODEL, else the default of the first configured
 * provider, else `local/commands`.
 *
 * @throws ModelProviderUnreachable when only the OpenAI-compatible server could have it and does not answer.
 */
export async function defaultModelId(env: Env): Promise<string> {
  if (env.DEFAULT_MODEL) return env.DEFAULT_MODEL
  const [first] = configuredProviders(env)
  return first ? defaultOf(env, first) : LOCAL_COMMANDS
}

/**
 * Replaces the aliases `claude-opus-4-6`, `gpt-4` and `custom` by the id they stand for; any other id is returned as it is,
 * with its provider's own name.
 *
 * @throws ModelNotAvailable when the alias' provider is not configured.
 * @throws ModelProviderUnreachable for `custom`, when that server does not answer.
 */
export async function canonicalModelId(env: Env, id: string, credentials: Credentials = {}): Promise<string> {
  const provider = Object.hasOwn(aliases, id) ? aliases[id] : undefined
  if (!provider) return routedId(env, id, credentials)
  const configured = configuredProviders(env, credentials)
  if (!configured.includes(provider)) throw new ModelNotAvailable(id, configured)
  return defaultOf(env, provider)
}

/**
 * The default model of a provider, by a name of the provider's.
 *
 * @throws ModelNotAvailable when there is no such provider, or it is not configured.
 * @throws ModelProviderUnreachable for `compatible`, when that server does not answer.
 */
export async function defaultModelOf(env: Env, provider: string, credentials: Credentials = {}): Promise<string> {
  const configured = configuredProviders(env, credentials)
  const known = [...configured, 'local' as const].find((name) => name === canonicalProvider(provider))
  if (!known) throw new ModelNotAvailable(provider, configured, `The provider "${provider}" is not configured here.`)
  return defaultOf(env, known)
}

/** The models this server offers now, `local/commands` last. Never throws: a server that does not answer offers nothing. */
export async function listModels(env: Env, credentials: Credentials = {}): Promise<ModelChoice[]> {
  const lists = [...configuredProviders(env, credentials), 'ollama' as const].map(async (provider) => {
    const ids = hasOwnList(provider) ? await servedIds(env, provider) : provider === 'local' ? [] : curated[provider]
    return ids.map((id) => ({ id, provider, isLocal: false }))
  })
  return [...(await Promise.all(lists)).flat(), { id: LOCAL_COMMANDS, provider: 'local', isLocal: true }]
}

async function defaultOf(env: Env, provider: ProviderName): Promise<string> {
  if (provider === 'local') return LOCAL_COMMANDS
  if (!hasOwnList(provider)) return curated[provider][0]
  // Asked anew when it did not answer before, so that a server started late is noticed at once.
  const { isAnswering } = await readModels(env, provider)
  const problem = isAnswering ? undefined : await askProvider(env, provider)
  const [first] = await servedIds(env, provider)
  if (problem || !first) throw new ModelProviderUnreachable(problem ?? 'it has none', configuredProviders(env))
  return first
}

/** Servers of the operator's own: which models they have only they know. */
const hasOwnList = (provider: ProviderName): provider is 'compatible' | 'ollama' => provider === 'compatible' || provider === 'ollama'

/** Chat models of such a server, as `compatible/<name>`; none when it does not answer. */
async function servedIds(env: Env, provider: 'compatible' | 'ollama'): Promise<string[]> {
  const { models, isAnswering } = await readModels(env, provider)
  return isAnswering ? models.filter(({ kind }) => kind === 'chat').map(({ name }) => `${provider}/${name}`) : []
}
