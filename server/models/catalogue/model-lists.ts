import { type Env, sha256 } from '#server/platform/core/index.ts'
import { knownModels, type ModelFacts, type ModelPrices } from './known-models.ts'
import { fetchModels, ModelListFailed, type ListingProvider } from './published-models.ts'
import { hostedProviders, operatorKey, type Credentials, type HostedProvider } from './providers.ts'

// What providers publish is kept for a while. A list that is too old is fetched before it is shown, and one that soon will be
// is fetched behind the caller's back, so that where lists are in use nobody waits. When a provider does not answer, what it
// said last counts for some time, as models that cannot be used now; what is written here by hand only completes a list.

const MAX_AGE_MS = 10 * 60_000
const REFRESH_AFTER_MS = 5 * 60_000
/** A provider that did not answer is asked again after this long. */
const RETRY_MS = 15_000
/** How long a provider that does not answer is taken to have the models it had. */
const MAX_LAST_KNOWN_MS = 60 * 60_000
const MAX_LISTS = 200

interface Entry {
  models: Map<string, ModelFacts> | undefined
  /** When the models were fetched. */
  fetchedAt: number
  /** What was wrong with the last attempt; undefined when it succeeded. */
  problem: string | undefined
  checkedAt: number
  pending: Promise<void> | undefined
}

const cache = new WeakMap<Env, Map<string, Entry>>()

function entryOf(env: Env, provider: ListingProvider, apiKey: string | undefined): Entry {
  const entries = cache.get(env) ?? new Map<string, Entry>()
  cache.set(env, entries)
  const key = `${provider} ${apiKey ? sha256(apiKey) : ''}`
  let entry = entries.get(key)
  if (!entry) {
    if (entries.size >= MAX_LISTS) entries.delete(entries.keys().next().value!)
    entries.set(
      key,
      (entry = { models: undefined, fetchedAt: -Infinity, problem: 'it was not asked yet', checkedAt: -Infinity, pending: undefined }),
    )
  }
  return entry
}

function refresh(env: Env, provider: ListingProvider, apiKey: string | undefined, entry: Entry): Promise<void> {
  entry.pending ??= fetchModels(env, provider, apiKey)
    .then(
      (models) => {
        entry.models = new Map(models.map((model) => [model.name, completed(env, provider, model)]))
        entry.problem = undefined
        entry.fetchedAt = performance.now()
      },
      (error: unknown) => {
        entry.problem = error instanceof ModelListFailed ? error.message : 'its answer cannot be read'
      },
    )
    .then(() => {
      entry.checkedAt = performance.now()
      entry.pending = undefined
    })
  return entry.pending
}

/** What is wrong with a provider, asked now: undefined when it answers, else the end of a sentence that begins with its name. */
export async function askProvider(env: Env, provider: ListingProvider, apiKey = keyOf(env, provider)): Promise<string | undefined> {
  const entry = entryOf(env, provider, apiKey)
  await refresh(env, provider, apiKey, entry)
  return entry.problem
}

/** As askProvider, unless it was asked within that time. */
export async function problemOf(
  env: Env,
  provider: ListingProvider,
  apiKey: string | undefined,
  maxAgeMs: number,
): Promise<string | undefined> {
  const entry = entryOf(env, provider, apiKey)
  if (performance.now() - entry.checkedAt > maxAgeMs) await refresh(env, provider, apiKey, entry)
  return entry.problem
}

/**
 * What a provider offers, and whether it answered when it was last asked. It is asked now, for at most three seconds, when
 * what it said is too old. One that does not answer has what it said in the last hour, else nothing.
 */
export async function readModels(
  env: Env,
  provider: ListingProvider,
  apiKey = keyOf(env, provider),
): Promise<{ models: ModelFacts[]; isAnswering: boolean }> {
  const entry = entryOf(env, provider, apiKey)
  const age = performance.now() - entry.checkedAt
  const isAnswering = entry.problem === undefined
  if (age > (isAnswering ? MAX_AGE_MS : RETRY_MS)) await refresh(env, provider, apiKey, entry)
  else if (isAnswering && age > REFRESH_AFTER_MS) void refresh(env, provider, apiKey, entry)
  const isTooOld = performance.now() - entry.fetchedAt > MAX_LAST_KNOWN_MS
  return { models: isTooOld ? [] : [...(entry.models?.values() ?? [])], isAnswering: entry.problem === undefined }
}

/** Has a provider's list at hand for `lookUpModel`, if it answers. Waits only the first time; later an old one is fetched anew. */
export async function loadModels(env: Env, provider: ListingProvider): Promise<void> {
  const apiKey = keyOf(env, provider)
  const entry = entryOf(env, provider, apiKey)
  if (entry.checkedAt === -Infinity) await refresh(env, provider, apiKey, entry)
  else refreshModels(env, provider)
}

/** Has a list that was read before, and is old by now, fetched anew behind the caller's back. */
export function refreshModels(env: Env, provider: ListingProvider): void {
  const apiKey = keyOf(env, provider)
  const entry = entryOf(env, provider, apiKey)
  if (entry.checkedAt !== -Infinity && performance.now() - entry.checkedAt > MAX_AGE_MS) void refresh(env, provider, apiKey, entry)
}

/** What is known of one model right now, without asking anybody. */
export function lookUpModel(env: Env, provider: ListingProvider, name: string): ModelFacts | undefined {
  const published = entryOf(env, provider, keyOf(env, provider)).models?.get(name)
  return published ?? knownFacts(env, provider, name)
}

function knownFacts(env: Env, provider: ListingProvider, name: string): ModelFacts | undefined {
  const known = isHosted(provider) ? knownModels[provider].find((model) => model.name === name) : undefined
  return known && completed(env, provider, known)
}

/** The operator's prices of a model: they hold whatever the provider publishes, and what is not among them is unknown. */
export function operatorPrice(env: Env, provider: ListingProvider, name: string): ModelPrices | undefined {
  const set = env.MODEL_PRICES[`${provider}/${name}`]
  return (
    set && {
      inputPrice: set.input,
      outputPrice: set.output,
      cacheReadPrice: set.cacheRead ?? null,
      cacheWritePrice: set.cacheWrite ?? null,
    }
  )
}

/** Adds what the provider does not publish: the operator's price, else the list price, and words and tags written by hand. */
function completed(env: Env, provider: ListingProvider, model: ModelFacts): ModelFacts {
  const known = isHosted(provider) ? knownModels[provider].find(({ name }) => name === model.name) : undefined
  return {
    ...model,
    title: model.title === model.name ? (known?.title ?? model.title) : model.title,
    description: model.description || (known?.description ?? ''),
    tags: known?.tags ?? model.tags,
    contextWindow: model.contextWindow ?? known?.contextWindow ?? null,
    ...(operatorPrice(env, provider, model.name) ?? listPrices(model, known)),
  }
}

/** Each price as the provider publishes it, else as its price page says. */
const listPrices = (model: ModelPrices, known: ModelPrices | undefined): ModelPrices => ({
  inputPrice: model.inputPrice ?? known?.inputPrice ?? null,
  outputPrice: model.outputPrice ?? known?.outputPrice ?? null,
  cacheReadPrice: model.cacheReadPrice ?? known?.cacheReadPrice ?? null,
  cacheWritePrice: model.cacheWritePrice ?? known?.cacheWritePrice ?? null,
})

const isHosted = (provider: ListingProvider): provider is HostedProvider => (hostedProviders as readonly string[]).includes(provider)

/** The operator's key of a provider. */
const keyOf = (env: Env, provider: ListingProvider): string | undefined => {
  if (provider === 'compatible') return env.OPENAI_COMPATIBLE_API_KEY
  return isHosted(provider) ? operatorKey(env, provider) : undefined
}

/** The key a caller with these credentials would use, for asking which models it opens. */
export const keyFor = (env: Env, provider: ListingProvider, credentials: Credentials): string | undefined =>
  (isHosted(provider) ? credentials[provider] : undefined) ?? keyOf(env, provider)
