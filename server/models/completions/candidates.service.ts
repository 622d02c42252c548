import { coversModel, requireModelPlan } from '#server/money/billing/index.ts'
import { requireScope } from '#server/platform/operations/index.ts'
import { hasAccount, type Context, type Env } from '#server/platform/core/index.ts'
import { PriceUnknown, cheaperModelFor, enforceQuota, needsPrice } from '../metering/index.ts'
import {
  ModelNotCovered,
  ModelNotFound,
  readProviderKeys,
  type Route,
  configuredProviders,
  findRoutes,
  routedId,
  type Credentials,
} from '../catalogue/index.ts'
import { isPriced, loadPrices } from './prices.ts'

/** A model and one way to it. */
export interface Candidate {
  /** As the caller knows it, such as `openai/gpt-4o-mini`. */
  id: string
  route: Route
}

/**
 * The ways to serve a call, best first: every route to the model that was asked for, then to those that
 * stand in for it; a cheaper one takes its place where so much of a budget is used that people said so. Checks that the caller may make the call at all; a call by nobody in particular was
 * paid for elsewhere.
 *
 * @throws Forbidden for a key without the scope `models:write`; ModelPlanRequired, QuotaExceeded, SpendLimitReached, ModelNotFound,
 * ModelNotCovered; PriceUnknown where a key may spend only so much
 */
export async function findCandidates(ctx: Context, model: string, fallbacks: readonly string[] = []): Promise<Candidate[]> {
  const { env } = ctx.platform
  requireScope(ctx, 'models:write')
  const { credentials, covered } = await readRights(ctx)
  const routesOf = (name: string): Candidate[] => {
    const id = expandModelId(env, name, credentials)
    return findRoutes(env, id, credentials).map((route) => ({ id, route }))
  }
  const isCovered = ({ id, route }: Candidate) => route.isOwnKey || coversModel(covered, route.provider, id)
  const wanted = routesOf(model)
  if (wanted.length === 0) throw new ModelNotFound(model, configuredProviders(env, credentials))
  if (!wanted.some(isCovered)) throw new ModelNotCovered(model, covered ?? [])
  const cheaper = await cheaperModelFor(ctx)
  const instead = cheaper === undefined ? [] : routesOf(cheaper).filter(isCovered)
  const candidates = [...(instead.length > 0 ? instead : wanted), ...fallbacks.flatMap(routesOf)].filter(isCovered)
  await loadPrices(
    env,
    candidates.map(({ route }) => route),
  )
  if (!(await needsPrice(ctx))) return candidates
  const priced = candidates.filter(({ route }) => isPriced(env, route))
  if (!priced.some(({ id }) => id === candidates[0]!.id)) throw new PriceUnknown(model)
  return priced
}

/** The keys the caller brings, and the models its plan covers (null for all). */
export async function readRights(ctx: Context): Promise<{ credentials: Credentials; covered: readonly string[] | null }> {
  if (!hasAccount(ctx)) return { credentials: {}, covered: null }
  const { models } = requireModelPlan(ctx)
  await enforceQuota(ctx, async () => Object.keys(await readProviderKeys(ctx)).length > 0)
  return { credentials: await readProviderKeys(ctx), covered: models }
}

const vendors: [pattern: RegExp, vendor: string][] = [
  [/^(gpt-|chatgpt-|o\d|text-embedding-|tts-|whisper-)/, 'openai'],
  [/^claude-/, 'anthropic'],
  [/^gemini-/, 'google'],
]

/** Clients of the OpenAI API say `gpt-4o-mini`; here that is `openai/gpt-4o-mini`, unless a server of the operator's takes the short name. */
function expandModelId(env: Env, id: string, credentials: Credentials): string {
  if (id.includes('/') || findRoutes(env, id, credentials).length > 0) return routedId(env, id, credentials)
  const vendor = vendors.find(([pattern]) => pattern.test(id))?.[1]
  return vendor ? `${vendor}/${id}` : id
}
