import { z } from 'zod'
import type { Env } from '../core/env.ts'
import { LOCAL_COMMANDS } from './local-commands.ts'
import { ModelNotAvailable, ModelProviderUnreachable } from './models.errors.ts'
import { configuredProviders } from './providers.ts'
import type { Credentials } from './providers.ts'
import type { ProviderName } from './provider-clients.ts'

/** One row of the model picker. */
export interface ModelChoice {
  id: string
  provider: ProviderName
  isLocal: boolean
}

/** Short lists for the picker; the first of each is the provider's default. Any other id of the provider can be typed. */
const curated: Record<Exclude<ProviderName, 'compatible' | 'local'>, [string, ...string[]]> = {
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
 * Replaces the aliases `claude-opus-4-6`, `gpt-4` and `custom` by the id they stand for; any other id is returned as it is.
 *
 * @throws ModelNotAvailable when the alias' provider is not configured.
 * @throws ModelProviderUnreachable for `custom`, when that server does not answer.
 */
export async function canonicalModelId(env: Env, id: string, credentials: Credentials = {}): Promise<string> {
  const provider = Object.hasOwn(aliases, id) ? aliases[id] : undefined
  if (!provider) return id
  const configured = configuredProviders(env, credentials)
  if (!configured.includes(provider)) throw new ModelNotAvailable(id, configured)
  return defaultOf(env, provider)
}

/**
 * The default model of a provider, by the provider's name.
 *
 * @throws ModelNotAvailable when there is no such provider, or it is not configured.
 * @throws ModelProviderUnreachable for `compatible`, when that server does not answer.
 */
export async function defaultModelOf(env: Env, provider: string, credentials: Credentials = {}): Promise<string> {
  const configured = configuredProviders(env, credentials)
  const known = [...configured, 'local' as const].find((name) => name === provider)
  if (!known) throw new ModelNotAvailable(provider, configured, `The provider "${provider}" is not configured here.`)
  return defaultOf(env, known)
}

/** The models this server offers now, `local/commands` last. Never throws: a server that does not answer offers nothing. */
export async function listModels(env: Env, credentials: Credentials = {}): Promise<ModelChoice[]> {
  const lists = configuredProviders(env, credentials).map(async (provider) => {
    const ids = provider === 'compatible' ? await servedIds(env).catch(() => []) : provider === 'local' ? [] : curated[provider]
    return ids.map((id) => ({ id, provider, isLocal: false }))
  })
  return [...(await Promise.all(lists)).flat(), { id: LOCAL_COMMANDS, provider: 'local', isLocal: true }]
}

async function defaultOf(env: Env, provider: ProviderName): Promise<string> {
  if (provider === 'local') return LOCAL_COMMANDS
  if (provider !== 'compatible') return curated[provider][0]
  const [first] = await servedIds(env)
  if (!first) throw new ModelProviderUnreachable('it has none', configuredProviders(env))
  return first
}

const LIST_TIMEOUT_MS = 3_000
const LIST_MAX_AGE_MS = 60_000

/** Last answer per configuration. Failures are not kept, so that a server started late is noticed at once. */
const lists = new WeakMap<Env, { ids: Promise<string[]>; fetchedAt: number }>()

/** Ids of the OpenAI-compatible server, as `compatible/<id>`. Concurrent callers share one request. */
function servedIds(env: Env): Promise<string[]> {
  const known = lists.get(env)
  if (known && Date.now() - known.fetchedAt < LIST_MAX_AGE_MS) return known.ids
  const entry = { ids: fetchIds(env), fetchedAt: Date.now() }
  lists.set(env, entry)
  entry.ids.catch(() => lists.get(env) === entry && lists.delete(env))
  return entry.ids
}

const modelList = z.object({ data: z.array(z.object({ id: z.string().min(1) })) })

async function fetchIds(env: Env): Promise<string[]> {
  const baseUrl = (env.OPENAI_COMPATIBLE_BASE_URL ?? '').replace(/\/$/, '')
  const fail = (problem: string) => new ModelProviderUnreachable(problem, configuredProviders(env))
  const headers = env.OPENAI_COMPATIBLE_API_KEY ? { authorization: `Bearer ${env.OPENAI_COMPATIBLE_API_KEY}` } : undefined
  const response = await fetch(`${baseUrl}/models`, { headers, signal: AbortSignal.timeout(LIST_TIMEOUT_MS) }).catch(() => {
    throw fail('it does not answer')
  })
  if (!response.ok) throw fail(`it answered ${response.status}`)
  const body = modelList.safeParse(await response.json().catch(() => undefined))
  if (!body.success) throw fail('its answer is not a model list')
  return body.data.data.map(({ id }) => `compatible/${id}`)
}
