import { coversModel, getEntitlements } from '#server/money/billing/index.ts'
import type { AccountContext } from '#server/platform/core/index.ts'
import { canonicalModelId, resolveModel, type Credentials } from '#server/models/catalogue/index.ts'
import type { AgentConfig } from './agents.contract.ts'
import { ModelRestricted } from './agents.errors.ts'

/**
 * The id a model goes by here, once it is known that a configured provider has it and the plan covers
 * it. A key of the agent's own pays for itself, so its provider's models are all allowed.
 *
 * @throws ModelNotAvailable, ModelRestricted
 */
export async function checkModel(ctx: AccountContext, field: string, model: string, credentials: Credentials = {}): Promise<string> {
  const id = await canonicalModelId(ctx.platform.env, model, credentials)
  const { provider } = resolveModel(ctx.platform.env, id, credentials)
  const { models } = getEntitlements(ctx)
  const isOwnKey = provider in credentials
  if (!isOwnKey && !coversModel(models, provider, id)) throw new ModelRestricted(field, model, models ?? [])
  return id
}

/** Checks the model and the fallbacks of a configuration, as far as it names any. */
export async function checkConfigModels(ctx: AccountContext, { model, fallbacks }: AgentConfig, credentials?: Credentials): Promise<void> {
  if (model) await checkModel(ctx, 'model', model, credentials)
  for (const [index, fallback] of (fallbacks ?? []).entries()) await checkModel(ctx, `fallbacks.${index}`, fallback, credentials)
}
