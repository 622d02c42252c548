import { z } from 'zod'
import { boundedFetch } from '#server/platform/flow/index.ts'
import type { Env } from '#server/platform/core/index.ts'
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

/** A list of which no more is looked at than a list can sensibly have. */
const listOf = <S extends z.ZodType>(item: S) =>
  z.preprocess((items) => (Array.isArray(items) ? items.slice(0, MAX_MODELS) : items), z.array(item))

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

const perMillion = (perToken: string): number | null => {
  const price = Number(perToken) * 1_000_000
  // OpenRouter's routers have the price -1: it depends on the model they pick.
  return Number.isFinite(price) && price >= 0 ? Math.round(price * 1e6) / 1e6 : null
}

const openRouterList = z.object({
  data: listOf(
    z.object({
      id: z.string().min(1),
      name: z.string(),
      description: z.string().nullish(),
      created: z.number().nullish(),
      context_length: z.int().positive().nullish(),
      pricing: z.object({ prompt: z.string(), completion: z.string() }),
      architecture: z
        .object({ input_modalities: z.array(z.string()).nullish(), output_modalities: z.array(z.string()).nullish() })
        .nullish(),
    }),
  ),
})

async function openRouterModels(env: Env, apiKey: string | undefined): Promise<ModelFacts[]> {
  const { data } = await getJson(`${openAiBaseUrl(env, 'openrouter')}/models`, bearer(apiKey), openRouterList)
  return data
    .filter(({ architecture }) => architecture?.output_modalities?.includes('text') ?? true)
    .map(({ id, name, description, created, context_length, pricing, architecture }) => {
      const contextWindow = context_length ?? null
      const isVision = architecture?.input_modalities?.includes('image') ?? false
      return {
        name: id,
        title: name,
        description: firstSentence(description ?? ''),
        tags: tagsFrom({ text: `${id} ${description ?? ''}`, contextWindow, isVision }),
        inputPrice: perMillion(pricing.prompt),
        outputPrice: perMillion(pricing.completion),
        contextWindow,
        kind: 'chat' as const,
        ...createdAt(created),
      }
    })
}

const openAiList = z.object({
  data: listOf(
    z.looseObject({
      id: z.string().min(1),
      created: z.number().nullish(),
      // Groq, vLLM and LM Studio each have a word for it.
      context_window: z.int().positive().nullish(),
      max_model_len: z.int().positive().nullish(),
      max_context_length: z.int().positive().nullish(),
      active: z.boolean().nullish(),
    }),
  ),
})

/** Names of what is no model for chat or embeddings, in a list that has everything. */
const otherKinds =
  /whisper|tts|audio|realtime|transcribe|image|dall-e|sora|moderation|search|guard|instruct-beta|davinci|babbage|computer-use/i

async function openAiModels(env: Env, provider: 'openai' | 'groq' | 'compatible', apiKey: string | undefined): Promise<ModelFacts[]> {
  const { data } = await getJson(`${openAiBaseUrl(env, provider)}/models`, bearer(apiKey), openAiList)
  return data
    .filter(({ id, active }) => active !== false && (provider === 'compatible' || !otherKinds.test(id)))
    .map(({ id, created, context_window, max_model_len, max_context_length }) => ({
      ...bareFacts(id, id, context_window ?? max_model_len ?? max_context_length ?? null),
      ...createdAt(created),
    }))
}

const anthropicList = z.object({
  data: listOf(z.object({ id: z.string().min(1), display_name: z.string(), created_at: z.string().nullish() })),
})

async function anthropicModels(env: Env, apiKey = ''): Promise<ModelFacts[]> {
  const url = `${env.ANTHROPIC_BASE_URL.replace(/\/$/, '')}/models?limit=1000`
  const { data } = await getJson(url, { 'x-api-key': apiKey, 'anthropic-version': '2023-06-01' }, anthropicList)
  return data.map(({ id, display_name, created_at }) => ({
    ...bareFacts(id, display_name, null),
    ...createdAt(Date.parse(created_at ?? '') / 1000),
  }))
}

const geminiList = z.object({
  models: listOf(
    z.object({
      name: z.string().min(1),
      displayName: z.string().nullish(),
      description: z.string().nullish(),
      inputTokenLimit: z.int().positive().nullish(),
      supportedGenerationMethods: z.array(z.string()).nullish(),
    }),
  ),
})

async function geminiModels(env: Env, apiKey = ''): Promise<ModelFacts[]> {
  const url = `${env.GEMINI_BASE_URL.replace(/\/$/, '')}/models?pageSize=1000`
  const { models } = await getJson(url, { 'x-goog-api-key': apiKey }, geminiList)
  const can = (methods: string[] | null | undefined, method: string) => methods?.includes(method) ?? false
  return models
    .filter(({ supportedGenerationMethods: methods }) => can(methods, 'generateContent') || can(methods, 'embedContent'))
    .map(({ name, displayName, description, inputTokenLimit, supportedGenerationMethods: methods }) => ({
      ...bareFacts(name.replace(/^models\//, ''), displayName ?? name, inputTokenLimit ?? null, description ?? ''),
      kind: can(methods, 'generateContent') ? ('chat' as const) : ('embedding' as const),
    }))
}

const ollamaList = z.object({
  models: listOf(z.object({ name: z.string().min(1), details: z.object({ parameter_size: z.string().nullish() }).nullish() })),
})

async function ollamaModels(env: Env): Promise<ModelFacts[]> {
  const { models } = await getJson(`${env.OLLAMA_BASE_URL.replace(/\/$/, '')}/api/tags`, {}, ollamaList)
  return models.map(({ name, details }) => ({
    ...bareFacts(name, name, null, `Runs on your Ollama server${details?.parameter_size ? `, ${details.parameter_size} parameters` : ''}.`),
    // Nobody charges for it.
    inputPrice: 0,
    outputPrice: 0,
  }))
}

const isEmbedding = (name: string) => /embed|bge-|e5-|minilm/i.test(name)

function bareFacts(name: string, title: string, contextWindow: number | null, description = ''): ModelFacts {
  const kind = isEmbedding(name) ? 'embedding' : 'chat'
  const tags = kind === 'embedding' ? ['embedding'] : tagsFrom({ text: `${name} ${description}`, contextWindow })
  return { name, title, description: firstSentence(description), tags, inputPrice: null, outputPrice: null, contextWindow, kind }
}

/** Unix seconds; nothing where it is unknown. */
const createdAt = (seconds: number | null | undefined) => (seconds && seconds > 0 ? { createdAt: Math.trunc(seconds) } : {})

const DESCRIPTION_LIMIT = 200
const firstSentence = (text: string) => (/^.*?[.!?](?=\s|$)/s.exec(text.trim())?.[0] ?? text.trim()).slice(0, DESCRIPTION_LIMIT)

const bearer = (apiKey: string | undefined): Record<string, string> => (apiKey ? { authorization: `Bearer ${apiKey}` } : {})

async function getJson<S extends z.ZodType>(url: string, headers: Record<string, string>, schema: S): Promise<z.output<S>> {
  const response = await fetchList(url, { headers, redirect: 'error' }).catch(() => {
    throw new ModelListFailed('it does not answer')
  })
  if (!response.ok) {
    await response.body?.cancel()
    throw new ModelListFailed(`it answered ${response.status}`)
  }
  const body = schema.safeParse(await response.json().catch(() => undefined))
  if (!body.success) throw new ModelListFailed('its answer is not a model list')
  return body.data
}
