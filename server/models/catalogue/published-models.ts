import { z } from 'zod'
import { boundedFetch } from '#server/platform/flow/index.ts'
import { cutText, type Env } from '#server/platform/core/index.ts'
import type { ModelFacts } from './known-models.ts'
import { tagsFrom } from './model-tags.rules.ts'
import { openAiBaseUrl } from './routes.ts'
import type { ProviderName } from './routes.ts'

export type ListingProvider = Exclude<ProviderName, 'local'>

/** A provider did not say which models it has. `message` is the end of a sentence that begins with its name. */
export class ModelListFailed extends Error {}

/** OpenRouter's list, the longest there is, has some hundred models in a megabyte. */
const MAX_MODELS = 5_000
const fetchList = boundedFetch({ maxBytes: 8_000_000, maxMs: 3_000 })

/** What a provider tells besides the name of a model: what cannot be understood of it is not known. */
const words = z.string().nullish().catch(null)
const wordList = z.array(z.string()).nullish().catch(null)
const yesOrNo = z.boolean().nullish().catch(null)
/** A whole number above 0, as some servers say in words. */
const count = z.coerce.number().int().positive().nullable().catch(null)
const price = z.union([z.string(), z.number()]).nullish().catch(null)
/** Unix seconds, as a number or in words, or a date. */
const time = z.union([z.number(), z.string()]).nullish().catch(null)
const name = z.string().min(1)

/**
 * The models a provider says it has. What it does not tell is null.
 *
 * @throws ModelListFailed
 */
export function fetchModels(env: Env, provider: ListingProvider, apiKey: string | undefined): Promise<ModelFacts[]> {
  switch (provider) {
    case 'openrouter':
      return openRouterModels(env, apiKey)
    case 'anthropic':
      return anthropicModels(env, apiKey)
    case 'google':
      return geminiModels(env, apiKey)
    case 'ollama':
      return ollamaModels(env)
    case 'openai':
    case 'groq':
    case 'compatible':
      return openAiModels(env, provider, apiKey)
  }
}

const perMillion = (perToken: string | number | null | undefined): number | null => {
  const perMany = typeof perToken === 'string' && perToken.trim() === '' ? NaN : Number(perToken ?? NaN) * 1_000_000
  // OpenRouter's routers have the price -1: it depends on the model they pick.
  return Number.isFinite(perMany) && perMany >= 0 ? Math.round(perMany * 1e6) / 1e6 : null
}

const openRouterModel = z.object({
  id: name,
  name: words,
  description: words,
  created: time,
  context_length: count,
  pricing: z.object({ prompt: price, completion: price, input_cache_read: price, input_cache_write: price }).nullish().catch(null),
  architecture: z.object({ input_modalities: wordList, output_modalities: wordList }).nullish().catch(null),
})

async function openRouterModels(env: Env, apiKey: string | undefined): Promise<ModelFacts[]> {
  const models = await getList(`${openAiBaseUrl(env, 'openrouter')}/models`, bearer(apiKey), 'data', openRouterModel)
  return models
    .filter(({ architecture }) => architecture?.output_modalities?.includes('text') ?? true)
    .map(({ id, name, description, created, context_length, pricing, architecture }) => {
      const isVision = architecture?.input_modalities?.includes('image') ?? false
      return {
        name: id,
        title: name ?? id,
        description: firstSentence(description ?? ''),
        tags: tagsFrom({ text: `${id} ${description ?? ''}`, contextWindow: context_length, isVision }),
        inputPrice: perMillion(pricing?.prompt),
        outputPrice: perMillion(pricing?.completion),
        cacheReadPrice: perMillion(pricing?.input_cache_read),
        cacheWritePrice: perMillion(pricing?.input_cache_write),
        contextWindow: context_length,
        kind: 'chat' as const,
        ...createdAt(created),
      }
    })
}

const openAiModel = z.object({
  id: name,
  created: time,
  // Groq, vLLM and LM Studio each have a word for it.
  context_window: count,
  max_model_len: count,
  max_context_length: count,
  active: yesOrNo,
})

/** Names of what is no model for chat or embeddings, in a list that has everything. */
const otherKinds =
  /whisper|tts|audio|realtime|transcribe|image|dall-e|sora|moderation|search|guard|instruct-beta|davinci|babbage|computer-use/i

async function openAiModels(env: Env, provider: 'openai' | 'groq' | 'compatible', apiKey: string | undefined): Promise<ModelFacts[]> {
  const models = await getList(`${openAiBaseUrl(env, provider)}/models`, bearer(apiKey), 'data', openAiModel)
  return models
    .filter(({ id, active }) => active !== false && (provider === 'compatible' || !otherKinds.test(id)))
    .map(({ id, created, context_window, max_model_len, max_context_length }) => ({
      ...bareFacts(id, id, context_window ?? max_model_len ?? max_context_length),
      ...createdAt(created),
    }))
}

const anthropicModel = z.object({ id: name, display_name: words, created_at: time })

async function anthropicModels(env: Env, apiKey = ''): Promise<ModelFacts[]> {
  const url = `${env.ANTHROPIC_BASE_URL.replace(/\/$/, '')}/models?limit=1000`
  const models = await getList(url, { 'x-api-key': apiKey, 'anthropic-version': '2023-06-01' }, 'data', anthropicModel)
  return models.map(({ id, display_name, created_at }) => ({ ...bareFacts(id, display_name ?? id, null), ...createdAt(created_at) }))
}

const geminiModel = z.object({
  name,
  displayName: words,
  description: words,
  inputTokenLimit: count,
  supportedGenerationMethods: wordList,
})

async function geminiModels(env: Env, apiKey = ''): Promise<ModelFacts[]> {
  const url = `${env.GEMINI_BASE_URL.replace(/\/$/, '')}/models?pageSize=1000`
  const models = await getList(url, { 'x-goog-api-key': apiKey }, 'models', geminiModel)
  const can = (methods: string[] | null | undefined, method: string) => methods?.includes(method) ?? false
  return models
    .filter(({ supportedGenerationMethods: methods }) => can(methods, 'generateContent') || can(methods, 'embedContent'))
    .map(({ name, displayName, description, inputTokenLimit, supportedGenerationMethods: methods }) => ({
      ...bareFacts(name.replace(/^models\//, ''), displayName ?? name, inputTokenLimit, description ?? ''),
      kind: can(methods, 'generateContent') ? ('chat' as const) : ('embedding' as const),
    }))
}

const ollamaModel = z.object({ name, details: z.object({ parameter_size: words }).nullish().catch(null) })

async function ollamaModels(env: Env): Promise<ModelFacts[]> {
  const models = await getList(`${env.OLLAMA_BASE_URL.replace(/\/$/, '')}/api/tags`, {}, 'models', ollamaModel)
  return models.map(({ name, details }) => ({
    ...bareFacts(name, name, null, `Runs on your Ollama server${details?.parameter_size ? `, ${details.parameter_size} parameters` : ''}.`),
    // Nobody charges for it.
    inputPrice: 0,
    outputPrice: 0,
    cacheReadPrice: 0,
    cacheWritePrice: 0,
  }))
}

const isEmbedding = (name: string) => /embed|bge-|e5-|minilm/i.test(name)

function bareFacts(name: string, title: string, contextWindow: number | null, description = ''): ModelFacts {
  const kind = isEmbedding(name) ? 'embedding' : 'chat'
  const tags = kind === 'embedding' ? ['embedding'] : tagsFrom({ text: `${name} ${description}`, contextWindow })
  const prices = { inputPrice: null, outputPrice: null, cacheReadPrice: null, cacheWritePrice: null }
  return { name, title, description: firstSentence(description), tags, ...prices, contextWindow, kind }
}

/** Unix seconds; nothing where it is unknown. */
function createdAt(told: number | string | null | undefined): Pick<ModelFacts, 'createdAt'> {
  const isDate = typeof told === 'string' && !/^\s*\d+(?:\.\d+)?\s*$/.test(told)
  const seconds = Math.trunc(isDate ? Date.parse(told) / 1000 : Number(told ?? 0))
  return Number.isSafeInteger(seconds) && seconds > 0 ? { createdAt: seconds } : {}
}

const DESCRIPTION_LIMIT = 200
const firstSentence = (text: string) => cutText(/^.*?[.!?](?=\s|$)/s.exec(text.trim())?.[0] ?? text.trim(), DESCRIPTION_LIMIT)

const bearer = (apiKey: string | undefined): Record<string, string> => (apiKey ? { authorization: `Bearer ${apiKey}` } : {})

/** The good entries of a list, which is under that key or stands alone. @throws ModelListFailed */
async function getList<S extends z.ZodType>(url: string, headers: Record<string, string>, key: string, item: S): Promise<z.output<S>[]> {
  const response = await fetchList(url, { headers, redirect: 'error' }).catch(() => {
    throw new ModelListFailed('it does not answer')
  })
  if (!response.ok) {
    await response.body?.cancel()
    throw new ModelListFailed(`it answered ${response.status}`)
  }
  const body: unknown = await response.json().catch(() => undefined)
  const entries = Array.isArray(body) ? body : (Object(body) as Record<string, unknown>)[key]
  if (!Array.isArray(entries)) throw new ModelListFailed('its answer is not a model list')
  const good = entries.slice(0, MAX_MODELS).flatMap((entry) => item.safeParse(entry).data ?? [])
  if (good.length === 0 && entries.length > 0) throw new ModelListFailed('its answer is not a model list')
  return good as z.output<S>[]
}
