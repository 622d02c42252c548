import { coversModel } from '#server/money/billing/index.ts'
import { hasAccount, type Context, type Env } from '#server/platform/core/index.ts'
import { readRights } from './candidates.service.ts'
import {
  knownModels,
  type ModelFacts,
  LOCAL_COMMANDS,
  keyFor,
  readModels,
  taskTags,
  ModelNotFound,
  type ProviderName,
  readProviderKeys,
  configuredProviders,
  findRoutes,
  hostedProviders,
  type Credentials,
  type ListingProvider,
} from '../catalogue/index.ts'
import { pricesOf } from './prices.ts'

/** A model as it can be asked for here. */
export interface OfferedModel extends ModelFacts {
  id: string
  provider: ProviderName
  /** Whether its provider answered when it was last asked. */
  isAvailable: boolean
}

const localCommands: OfferedModel = {
  id: LOCAL_COMMANDS,
  name: LOCAL_COMMANDS,
  provider: 'local',
  title: 'Local commands',
  description: 'Understands a few commands; no language model.',
  tags: ['commands'],
  inputPrice: 0,
  outputPrice: 0,
  cacheReadPrice: 0,
  cacheWritePrice: 0,
  contextWindow: null,
  kind: 'chat',
  isAvailable: true,
}

/** The models the caller can be offered: those of the operator's providers, and of the caller's own keys. */
export async function listOfferedModels(ctx: Context): Promise<OfferedModel[]> {
  const credentials = hasAccount(ctx) ? await readProviderKeys(ctx) : {}
  return listFor(ctx.platform.env, credentials)
}

async function listFor(env: Env, credentials: Credentials): Promise<OfferedModel[]> {
  const providers = configuredProviders(env, credentials).filter((provider): provider is ListingProvider => provider !== 'local')
  const lists = await Promise.all([...providers, 'ollama' as const].map((provider) => listOf(env, provider, credentials)))
  return [...lists.flat(), localCommands]
}

async function listOf(env: Env, provider: ListingProvider, credentials: Credentials): Promise<OfferedModel[]> {
  const { models, isAnswering } = await readModels(env, provider, keyFor(env, provider, credentials))
  // Nobody set Ollama up: it is there when it answers.
  if (provider === 'ollama' && !isAnswering) return []
  return models.map((model) => ({ ...model, id: idOf(env, provider, model.name, credentials), provider, isAvailable: isAnswering }))
}

/** The shortest id by which the model is found at this provider. */
function idOf(env: Env, provider: ListingProvider, name: string, credentials: Credentials): string {
  if (provider !== 'openrouter') return `${provider}/${name}`
  return findRoutes(env, name, credentials)[0]?.provider === 'openrouter' ? name : `openrouter/${name}`
}

/**
 * Models for a kind of task that the caller may use and that can be called now, best first: those whose
 * tags fit before those whose tags do not, and models described by hand before others. `local/commands`
 * comes in only when there is nothing else. An unknown task counts as `general`.
 *
 * @throws what readRights throws.
 */
export async function pickModels(ctx: Context, taskType = 'general'): Promise<OfferedModel[]> {
  const { env } = ctx.platform
  const { credentials, covered } = await readRights(ctx)
  const wanted = taskTags[taskType] ?? taskTags.general!
  const usable = (await listFor(env, credentials)).filter(
    ({ id, provider, kind, isAvailable }) =>
      kind === 'chat' && isAvailable && provider !== 'local' && (isOwn(credentials, provider) || coversModel(covered, provider, id)),
  )
  const score = (model: OfferedModel): number =>
    (model.tags.some((tag) => wanted.includes(tag)) ? 4 : 0) + (model.id === env.DEFAULT_MODEL ? 2 : 0) + (isKnown(model) ? 1 : 0)
  const picked = usable.sort((a, b) => score(b) - score(a))
  return picked.length > 0 ? picked : [localCommands]
}

const isOwn = (credentials: Credentials, provider: ProviderName): boolean => provider in credentials

const isKnown = ({ provider, name }: OfferedModel): boolean =>
  (hostedProviders as readonly string[]).includes(provider) &&
  knownModels[provider as keyof typeof knownModels].some((known) => known.name === name)

/** Prices of a model, in US dollars per million tokens. @throws ModelNotFound when it, or a price of it, is unknown. */
export async function readPrices(ctx: Context, modelId: string): Promise<{ inputPrice: number; outputPrice: number }> {
  const { env } = ctx.platform
  if (modelId === LOCAL_COMMANDS) return { inputPrice: 0, outputPrice: 0 }
  const { credentials } = await readRights(ctx)
  for (const { provider, modelName } of findRoutes(env, modelId, credentials)) {
    if (provider === 'local') continue
    await readModels(env, provider, keyFor(env, provider, credentials))
    const { inputPrice, outputPrice } = pricesOf(env, { provider, modelName }) ?? { inputPrice: null, outputPrice: null }
    if (inputPrice !== null && outputPrice !== null) return { inputPrice, outputPrice }
  }
  throw new ModelNotFound(modelId, configuredProviders(env, credentials))
}
