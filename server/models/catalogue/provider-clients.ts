import { createAnthropic } from '@ai-sdk/anthropic'
import { createOpenAI } from '@ai-sdk/openai'
import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { createOpenRouter } from '@openrouter/ai-sdk-provider'
import { boundedFetch } from '#server/platform/flow/index.ts'
import type { Env } from '#server/platform/core/index.ts'
import type { ModelObject } from './language-model.ts'
import { MAX_ANSWER_BYTES, streamLimits } from './answer-limits.ts'

export type ProviderName = 'openrouter' | 'openai' | 'anthropic' | 'google' | 'groq' | 'compatible' | 'ollama' | 'local'

/** Where a model id leads: the provider, its own name for the model, and the key to use. */
export interface Route {
  provider: ProviderName
  modelName: string
  apiKey: string | undefined
  /** The account's or agent's own key, not the operator's. */
  isOwnKey: boolean
}

/**
 * Where a provider speaks the OpenAI protocol: `chat/completions`, `embeddings` and the rest are below
 * this address. Anthropic speaks its own, local models none.
 */
export function openAiBaseUrl(env: Env, provider: Exclude<ProviderName, 'anthropic' | 'local'>): string {
  const urls = {
    openrouter: env.OPENROUTER_BASE_URL,
    openai: env.OPENAI_BASE_URL,
    google: `${withoutSlash(env.GEMINI_BASE_URL)}/openai`,
    groq: env.GROQ_BASE_URL,
    compatible: env.OPENAI_COMPATIBLE_BASE_URL ?? '',
    ollama: `${withoutSlash(env.OLLAMA_BASE_URL)}/v1`,
  }
  return withoutSlash(urls[provider])
}

const withoutSlash = (url: string) => url.replace(/\/$/, '')

const CACHE_LIMIT = 200
const caches = new WeakMap<Env, Map<string, ModelObject>>()

/**
 * The AI SDK's model object of a route that is not local. The last ones used are kept: making one
 * compiles schemas, which takes as long as a whole call to a fast provider.
 */
export function modelFor(env: Env, route: Route): ModelObject {
  const cache = caches.get(env) ?? new Map<string, ModelObject>()
  caches.set(env, cache)
  const key = JSON.stringify([route.provider, route.modelName, route.apiKey])
  const model = cache.get(key) ?? createModel(env, route)
  // Deleted and set again, so that the first key is the one not used for longest.
  cache.delete(key)
  cache.set(key, model)
  const [oldest] = cache.keys()
  if (cache.size > CACHE_LIMIT && oldest !== undefined) cache.delete(oldest)
  return model
}

/** How the packages call providers. How long an answer may take its caller says, by its signal. */
const providerFetch = boundedFetch((init) => (wantsStream(init) ? streamLimits : { maxBytes: MAX_ANSWER_BYTES }))

/** Whatever the provider calls what it sends. In a text that is sent, the quotes would be escaped. */
const wantsStream = (init: RequestInit | undefined): boolean => typeof init?.body === 'string' && init.body.includes('"stream":true')

/** Keys and addresses are always passed: the packages would otherwise read environment variables of their own. */
function createModel(env: Env, { provider, modelName, apiKey = '' }: Route): ModelObject {
  switch (provider) {
    case 'openrouter':
      // `strict` is what makes it ask for usage figures in streams.
      return createOpenRouter({ fetch: providerFetch, apiKey, baseURL: env.OPENROUTER_BASE_URL, compatibility: 'strict' }).chat(modelName)
    case 'openai':
      return createOpenAI({ fetch: providerFetch, apiKey, baseURL: env.OPENAI_BASE_URL }).chat(modelName)
    case 'anthropic':
      return createAnthropic({ fetch: providerFetch, apiKey, baseURL: env.ANTHROPIC_BASE_URL })(modelName)
    case 'google':
    case 'groq':
    case 'compatible':
    case 'ollama':
      return createOpenAICompatible({
        fetch: providerFetch,
        name: provider,
        apiKey,
        baseURL: openAiBaseUrl(env, provider),
        includeUsage: true,
      })(modelName)
    case 'local':
      throw new Error('local models have no client')
  }
}
