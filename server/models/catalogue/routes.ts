import type { Env } from '#server/platform/core/index.ts'

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

/** Id of the model that is always there: this server itself, which understands a few commands. */
export const LOCAL_COMMANDS = 'local/commands'
