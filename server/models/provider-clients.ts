import { createAnthropic } from '@ai-sdk/anthropic'
import { createOpenAI } from '@ai-sdk/openai'
import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { createOpenRouter } from '@openrouter/ai-sdk-provider'
import type { Env } from '../core/env.ts'
import type { ModelObject } from './language-model.ts'
import type { Route } from './providers.ts'

const GOOGLE_BASE_URL = 'https://generativelanguage.googleapis.com/v1beta/openai'

/**
 * The AI SDK's model object of a route that is not local. Keys and addresses are always passed, for
 * the packages would otherwise read environment variables of their own.
 */
export function createModel(env: Env, { provider, modelName, apiKey = '' }: Route): ModelObject {
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
      return createOpenAICompatible({ name: 'compatible', apiKey, baseURL: env.OPENAI_COMPATIBLE_BASE_URL ?? '', includeUsage: true })(modelName)
    case 'local':
      throw new Error('local models have no client')
  }
}
