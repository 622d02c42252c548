import { coversModel, getEntitlements } from '#server/money/billing/index.ts'
import { InvalidInput, type AccountContext } from '#server/platform/core/index.ts'
import {
  canonicalModelId,
  canonicalProvider,
  configuredProviders,
  findRoutes,
  resolveModel,
  type Credentials,
} from '#server/models/catalogue/index.ts'
import { toolNames } from '#server/models/completions/index.ts'
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

/**
 * The name a provider goes by here, once it is known that it can be used: that it serves the model or, where none is
 * named, that it is set up.
 *
 * @param model As `checkModel` gives it.
 * @throws InvalidInput
 */
export function checkProvider(
  { platform: { env } }: AccountContext,
  field: string,
  provider: string,
  model: string | undefined,
  credentials: Credentials,
): string {
  const name = canonicalProvider(provider)
  const usable: string[] =
    model === undefined
      ? [...configuredProviders(env, credentials), 'local']
      : [...new Set(findRoutes(env, model, credentials).map((route) => route.provider))]
  if (usable.includes(name)) return name
  const what = model === undefined ? 'a provider that is set up' : `a provider that serves "${model}"`
  throw new InvalidInput([{ field, message: `expected ${what}: ${usable.join(', ')}` }])
}

/** Refuses names of tools there are none of: they would change nothing. @throws InvalidInput */
export function checkTools(field: string, tools: readonly string[] | null | undefined): void {
  const problems = (tools ?? []).flatMap((name, index) =>
    (toolNames as readonly string[]).includes(name)
      ? []
      : [{ field: `${field}.${index}`, message: `expected one of ${toolNames.join(', ')}` }],
  )
  if (problems.length > 0) throw new InvalidInput(problems)
}
