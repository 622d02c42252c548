import { createAnthropic } from '@ai-sdk/anthropic'
import { createOpenAI } from '@ai-sdk/openai'
import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { createOpenRouter } from '@openrouter/ai-sdk-provider'
import type { Env } from '../core/env.ts'
import type { ModelObject } from './language-model.ts'

export type ProviderName = 'openrouter' | 'openai' | 'anthropic' | 'google' | 'compatible' | 'local'

/** Where a model id leads: the provider, its own name for the model, and the key to use. */
export interface Route {
  provider: ProviderName
  modelName: string
  apiKey: string | undefined
}

const GOOGLE_BASE_URL = 'https://generativelanguage.googleapis.com/v1beta/openai'

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

/** Keys and addresses are always passed: the packages would otherwise read environment variables of their own. */
function createModel(env: Env, { provider, modelName, apiKey = '' }: Route): ModelObject {
  switch (provider) {
    case 'openrouter':
      // `strict` is what makes it ask for usage figures in streams.
      return createOpenRouter({ apiKey, baseURL: env.OPENROUTER_BASE_URL, compatibility: 'strict' }).chat(modelName)
    case 'openai':
      return createOpenAI({ apiKey, baseURL: env.OPENAI_BASE_URL }).chat(modelName)
    case 'anthropic':
      return createAnthropic({ apiKey, baseURL: env.ANTHROPIC_BASE_URL })(modelName)
    case 'google':
      return createOpenAICompatible({ name: 'google', apiKey, baseURL: GOOGLE_BASE_URL, includeUsage: true })(modelName)
    case 'compatible':
      return createOpenAICompatible({ name: 'compatible', apiKey, baseURL: env.OPENAI_COMPATIBLE_BASE_URL ?? '', includeUsage: true })(
        modelName,
      )
    case 'local':
      throw new Error('local models have no client')
  }
}
