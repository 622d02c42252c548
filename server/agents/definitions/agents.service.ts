import { getEntitlements, requireActivePlan } from '#server/money/billing/index.ts'
import { accountOf, hasAccount, type AccountContext, type Context, inTransaction, InvalidInput } from '#server/platform/core/index.ts'
import { problemWithJson } from '#server/platform/core/texts.contract.ts'
import type { Entry, PlaceByTime, Slice } from '#server/platform/operations/index.ts'
import { defaultModelId, defaultModelOf, resolveModel, type Credentials } from '#server/models/catalogue/index.ts'
import { readAgentCredentials } from './agent-credentials.service.ts'
import { checkConfigModels, checkModel, checkProvider, checkTools } from './agent-models.service.ts'
import type {
  Agent,
  AgentConfig,
  AgentDetail,
  AgentRef,
  AgentStatus,
  CreateAgent,
  ListAgents,
  UpdateAgent,
  UpdateAgentConfig,
} from './agents.contract.ts'
import { isUp, isWell } from './agent-status.contract.ts'
import * as errors from './agents.errors.ts'
import * as queries from './agents.queries.ts'
import { isWithinPlan, newAgentId } from './agents.rules.ts'
import { insertVersion } from './config-versions.queries.ts'
import { configPurpose, keepSecrets, omitSecrets, sealSecrets } from './config-secrets.rules.ts'

/** How many versions of a configuration are kept. */
const MAX_CONFIG_VERSIONS = 10

export type { AgentRow } from './agents.queries.ts'

/** The agents of the caller, newest first; none when nobody is signed in. */
export async function listAgents(ctx: Context, { limit, offset }: ListAgents): Promise<Agent[]> {
  return hasAccount(ctx) ? (await queries.listAgents(ctx.db, accountOf(ctx), limit, offset)).map(toAgent) : []
}

/** A page of the agents of the caller, newest first; none when nobody is signed in. */
export async function listAgentPage(
  ctx: Context,
  _input: object,
  { after, limit }: Slice<PlaceByTime>,
): Promise<Entry<Agent, PlaceByTime>[]> {
  if (!hasAccount(ctx)) return []
  const rows = after
    ? await queries.listOlderAgents(ctx.db, accountOf(ctx), limit, ...after)
    : await queries.listNewestAgents(ctx.db, accountOf(ctx), limit)
  return rows.map(({ place, ...agent }) => ({ node: toAgent(agent), place: [place, agent.id] }))
}

/** An agent as lists show it. */
function toAgent({ id, name, model, status, createdAt, updatedAt, runtime }: queries.ListedAgentRow): Agent {
  return {
    id,
    name,
    model,
    status: status as AgentStatus,
    websocketUrl: runtime?.gatewayUrl && isUp(status) ? runtime.gatewayUrl.replace(/^http/, 'ws') : null,
    statusReason: isWell(status) ? null : (runtime?.reason ?? null),
    statusSeenAt: runtime?.seenAt ? new Date(runtime.seenAt).toISOString() : null,
    createdAt,
    updatedAt,
  }
}

/** How many agents the caller has; none when nobody is signed in. */
export const countAgents = async (ctx: Context): Promise<number> => (hasAccount(ctx) ? queries.countAgents(ctx.db, accountOf(ctx)) : 0)

/** The agents of an account, newest first, for those who have to be signed in. */
export const listOwnAgents = (ctx: AccountContext, input: ListAgents): Promise<Agent[]> => listAgents(ctx, input)

/** @throws AgentNotFound */
export async function getAgent(ctx: AccountContext, { agentId }: AgentRef): Promise<AgentDetail> {
  return toDetail(ctx, await findAgentRow(ctx, agentId))
}

/** The stored agent, for other services. @throws AgentNotFound */
export async function findAgentRow(ctx: AccountContext, agentId: string): Promise<queries.AgentRow> {
  const agent = await queries.findAgent(ctx.db, accountOf(ctx), agentId)
  if (!agent) throw new errors.AgentNotFound(agentId)
  return agent
}

/** The stored agent; undefined when the caller has none with that id. */
export const findAgent = (ctx: AccountContext, agentId: string): Promise<queries.AgentRow | undefined> =>
  queries.findAgent(ctx.db, accountOf(ctx), agentId)

/** Whether the caller has such an agent. */
export const hasAgent = async (ctx: AccountContext, agentId: string): Promise<boolean> => (await findAgent(ctx, agentId)) !== undefined

/**
 * Locks the agent until the transaction ends, as whoever changes several things it has does first: they are
 * changed one after the other then, and it cannot be deleted meanwhile.
 *
 * @param ctx Its `db` is a transaction.
 * @throws AgentNotFound
 */
export async function lockAgent(ctx: AccountContext, agentId: string): Promise<void> {
  if (!(await queries.lockAgent(ctx.db, accountOf(ctx), agentId))) throw new errors.AgentNotFound(agentId)
}

/**
 * Keeps the agent from being deleted until the transaction ends; several may do so at once.
 *
 * @param ctx Its `db` is a transaction.
 * @throws AgentNotFound
 */
export async function keepAgent(ctx: AccountContext, agentId: string): Promise<void> {
  if (!(await queries.keepAgent(ctx.db, accountOf(ctx), agentId))) throw new errors.AgentNotFound(agentId)
}

/** The oldest agent of the account as it is stored; undefined when there is none. */
export const findOldestRow = (ctx: AccountContext): Promise<queries.AgentRow | undefined> => queries.findOldestAgent(ctx.db, accountOf(ctx))

/** The instance a profile names as the account's own, by the id all other calls know it by; undefined when it has none. */
export async function findOwnInstance(ctx: AccountContext): Promise<{ id: string; url: string } | undefined> {
  const agent = await findOldestRow(ctx)
  return agent && { id: agent.instanceId, url: toDetail(ctx, agent).url }
}

/** The agent of the caller's that an instance belongs to. */
export const findAgentOfInstance = (ctx: AccountContext, instanceId: string): Promise<queries.AgentRow | undefined> =>
  queries.findAgentByInstance(ctx.db, accountOf(ctx), instanceId)

/** Whether there is such an instance at all, whoever has it. */
export const isInstanceOfAnybody = ({ platform }: AccountContext, id: string): Promise<boolean> =>
  queries.hasInstance(platform.databases.system, id)

/**
 * The agent that is meant where a caller names none, whatever is asked of it: the oldest that answers or will in a
 * moment, else the oldest; undefined when the account has none.
 */
export const findDefaultAgent = (ctx: AccountContext): Promise<queries.AgentRow | undefined> =>
  queries.findDefaultAgent(ctx.db, accountOf(ctx))

/**
 * Creates an agent in `pending`. It costs nothing until it is started. A call that is made again finds the one it created.
 *
 * @param credentials Keys it will get for model providers; whoever brings them stores them.
 * @throws PlanRequired, AgentLimitReached, PlanNotPaid, ModelRestricted, ModelNotAvailable; InvalidInput for a provider that is not
 * set up, and for tools there are none of
 */
export async function createAgent(
  ctx: AccountContext,
  { name, config: { plan, ...config } = {} }: CreateAgent,
  credentials: Credentials = {},
): Promise<AgentDetail> {
  const entitlements = requireActivePlan(ctx)
  if (ctx.attempt?.stored) return toDetail(ctx, await findAgentRow(ctx, ctx.attempt.stored))
  if (plan && !isWithinPlan(plan, entitlements.plan)) throw new errors.PlanNotPaid(plan, entitlements.plan)
  await checkConfigModels(ctx, config, credentials)
  checkTools('config.tools', config.tools)
  const named = config.model ? await checkModel(ctx, 'config.model', config.model, credentials) : undefined
  const provider = config.aiProvider && checkProvider(ctx, 'config.aiProvider', config.aiProvider, named, credentials)
  const model = named ?? (await defaultModelFor(ctx, provider, credentials))
  const { env, secrets } = ctx.platform
  const id = newAgentId(name)
  const aiProvider = resolveModel(env, model, credentials).provider
  const row = {
    id,
    name,
    model,
    aiProvider,
    plan: plan ?? entitlements.plan,
    config: sealSecrets({ ...withProvider(config, aiProvider), name, model }, (plain) =>
      secrets.seal(plain, configPurpose(id)),
    ) as AgentConfig,
  }
  checkConfigSize(row.config)
  const { agentLimit } = entitlements
  const agent = await inTransaction(ctx.db, async (db) => {
    const count = await queries.lockAgentCount(db, accountOf(ctx))
    if (agentLimit !== null && count >= agentLimit) throw new errors.AgentLimitReached(entitlements.plan, count, agentLimit)
    const inserted = await queries.insertAgent(db, accountOf(ctx), row)
    await insertVersion(db, accountOf(ctx), id, row.config, MAX_CONFIG_VERSIONS)
    await ctx.attempt?.note(db, id)
    return inserted
  })
  return toDetail(ctx, agent)
}

/** A configuration that names a provider names the one that serves its model. */
const withProvider = <T extends { aiProvider?: string | undefined }>(config: T, aiProvider: string): T =>
  config.aiProvider === undefined ? config : { ...config, aiProvider }

/** The default model of a provider, or of the server. @throws ModelNotAvailable when that provider is not configured. */
const defaultModelFor = (ctx: AccountContext, aiProvider?: string, credentials?: Credentials): Promise<string> =>
  aiProvider ? defaultModelOf(ctx.platform.env, aiProvider, credentials) : defaultModelId(ctx.platform.env)

/**
 * Fields left out stay as they are; keys of `config` are merged.
 *
 * @throws AgentNotFound, PlanNotPaid, ModelRestricted, ModelNotAvailable; InvalidInput as createAgent
 */
export async function updateAgent(ctx: AccountContext, { agentId, plan, aiProvider, config }: UpdateAgent): Promise<AgentDetail> {
  const paid = getEntitlements(ctx).plan
  if (plan && !isWithinPlan(plan, paid)) throw new errors.PlanNotPaid(plan, paid)
  const agent = await changeConfig(
    ctx,
    agentId,
    { ...config, ...(await modelFromProvider(ctx, agentId, aiProvider, config?.model)) },
    plan ? { plan } : {},
  )
  return toDetail(ctx, agent)
}

/** The default model of a provider that is named without a model. @throws AgentNotFound, ModelNotAvailable, InvalidInput */
async function modelFromProvider(ctx: AccountContext, agentId: string, aiProvider?: string, model?: string): Promise<{ model?: string }> {
  if (!aiProvider) return {}
  await findAgentRow(ctx, agentId)
  const credentials = await readAgentCredentials(ctx, agentId)
  const named = model && (await checkModel(ctx, 'config.model', model, credentials))
  const provider = checkProvider(ctx, 'aiProvider', aiProvider, named || undefined, credentials)
  return named ? {} : { model: await defaultModelFor(ctx, provider, credentials) }
}

/** The configuration, without secrets. @throws AgentNotFound */
export async function getAgentConfig(ctx: AccountContext, { agentId }: AgentRef): Promise<AgentConfig> {
  return omitSecrets((await findAgentRow(ctx, agentId)).config) as AgentConfig
}

/**
 * Merges keys into the configuration; null removes one. The agent's next answer uses it. A provider that is named without a
 * model brings its default model, unless it is the one that serves the agent's model already.
 *
 * @throws AgentNotFound, ModelRestricted, ModelNotAvailable; InvalidInput as createAgent
 */
export async function updateAgentConfig(ctx: AccountContext, { agentId, config }: UpdateAgentConfig): Promise<AgentConfig> {
  const agent = await changeConfig(ctx, agentId, config)
  return omitSecrets(agent.config) as AgentConfig
}

async function changeConfig(
  ctx: AccountContext,
  agentId: string,
  change: ConfigChange,
  columns: { plan?: string } = {},
): Promise<queries.AgentRow> {
  const present = await findAgentRow(ctx, agentId)
  const credentials = await readAgentCredentials(ctx, agentId)
  const { env, secrets } = ctx.platform
  await checkConfigModels(ctx, change as AgentConfig, credentials)
  checkTools('config.tools', change.tools)
  const newModel = await modelOfChange(ctx, present, change, credentials)
  return inTransaction(ctx.db, async (db) => {
    const before = await queries.lockAgent(db, accountOf(ctx), agentId)
    if (!before) throw new errors.AgentNotFound(agentId)
    const model = newModel ?? before.model
    const merged = Object.fromEntries(
      Object.entries({ ...(before.config as AgentConfig), ...change }).filter(([, value]) => value !== null),
    ) as AgentConfig
    const name = merged.name?.trim() || before.name
    const sealed = sealChanged(before.config, { ...merged, name, model }, (plain) => secrets.seal(plain, configPurpose(agentId)))
    const { provider } = resolveModel(env, model, credentials)
    const config = withProvider(keepSecretsOfKeys(before.config as AgentConfig, sealed), provider)
    checkConfigSize(config)
    const agent = await queries.updateAgent(db, accountOf(ctx), agentId, { ...columns, name, model, aiProvider: provider, config })
    if (!agent) throw new errors.AgentNotFound(agentId)
    await insertVersion(db, accountOf(ctx), agentId, config, MAX_CONFIG_VERSIONS)
    return agent
  })
}

/** The model that a change gives an agent; undefined when it keeps its own. @throws ModelNotAvailable, ModelRestricted, InvalidInput */
async function modelOfChange(
  ctx: AccountContext,
  present: queries.AgentRow,
  { model, aiProvider }: ConfigChange,
  credentials: Credentials,
): Promise<string | undefined> {
  const named =
    model === null
      ? await defaultModelId(ctx.platform.env)
      : model === undefined
        ? undefined
        : await checkModel(ctx, 'model', model, credentials)
  // A client that puts back what it got did not ask for this provider.
  if (!aiProvider || aiProvider === (present.config as AgentConfig).aiProvider) return named
  const provider = checkProvider(ctx, 'config.aiProvider', aiProvider, named, credentials)
  if (named !== undefined || provider === present.aiProvider) return named
  return checkModel(ctx, 'config.aiProvider', await defaultModelFor(ctx, provider, credentials), credentials)
}

/**
 * Puts a whole configuration, as it was stored, in the place of the present one.
 *
 * @throws AgentNotFound, ModelRestricted, ModelNotAvailable
 */
export async function writeConfig(ctx: AccountContext, agentId: string, stored: AgentConfig): Promise<queries.AgentRow> {
  const credentials = await readAgentCredentials(ctx, agentId)
  await checkConfigModels(ctx, stored, credentials)
  const { env } = ctx.platform
  return inTransaction(ctx.db, async (db) => {
    const before = await queries.lockAgent(db, accountOf(ctx), agentId)
    if (!before) throw new errors.AgentNotFound(agentId)
    const { name = before.name, model = before.model } = stored
    const { provider } = resolveModel(env, model, credentials)
    const config = withProvider(stored, provider)
    const agent = await queries.updateAgent(db, accountOf(ctx), agentId, { name, model, aiProvider: provider, config })
    await insertVersion(db, accountOf(ctx), agentId, config, MAX_CONFIG_VERSIONS)
    return agent!
  })
}

type ConfigChange = UpdateAgentConfig['config']

/** Of a whole configuration: changes are merged, so that each of them may be small. */
const CONFIG_BOUNDS = { maxBytes: 600_000, maxDepth: 20 }

/** @throws InvalidInput */
function checkConfigSize(config: AgentConfig): void {
  const message = problemWithJson(config, CONFIG_BOUNDS)
  if (message !== undefined) throw new InvalidInput([{ field: 'config', message: `${message}, all keys together` }])
}

/** Keys that did not change keep the boxes they have; only what the caller sent is sealed. */
function sealChanged(before: unknown, after: Record<string, unknown>, seal: (plain: string) => string): Record<string, unknown> {
  const old = before as Record<string, unknown>
  return Object.fromEntries(
    Object.entries(after).map(([key, value]) => [
      key,
      value === old[key] ? value : (sealSecrets({ [key]: value }, seal) as Record<string, unknown>)[key],
    ]),
  )
}

/** A key that null removed stays removed, even when its value was a secret. */
const keepSecretsOfKeys = (before: AgentConfig, after: Record<string, unknown>): AgentConfig =>
  Object.fromEntries(Object.entries(after).map(([key, value]) => [key, keepSecrets(before[key], value)])) as AgentConfig

/** What this version knows of an agent. */
export function toDetail({ platform }: AccountContext, agent: queries.AgentRow): AgentDetail {
  const { startedAt, aiProvider, verification, runtime } = agent
  return {
    ...toAgent(agent),
    startedAt,
    aiProvider,
    plan: agent.plan as AgentDetail['plan'],
    subdomain: new URL(platform.env.APP_URL).hostname,
    url: `${platform.env.APP_URL}/agents/${agent.id}`,
    openclawVersion: runtime?.version ?? null,
    verified: verification !== null,
    verificationType: (verification?.type ?? null) as AgentDetail['verificationType'],
    attestationUid: verification?.attestationUid ?? null,
    verifiedAt: verification ? new Date(verification.verifiedAt).toISOString() : null,
  }
}

/** Writes down what the runtime says of an agent. @throws AgentNotFound when it is gone. */
export async function setAgentStatus(
  ctx: AccountContext,
  agentId: string,
  status: AgentStatus,
  options?: { started: boolean },
): Promise<queries.AgentRow> {
  const agent = await queries.updateAgentStatus(ctx.db, accountOf(ctx), agentId, status, options)
  if (!agent) throw new errors.AgentNotFound(agentId)
  return agent
}

/** Says that an agent that was thought to run does not answer. */
export const markDegraded = (ctx: AccountContext, agentId: string) => queries.markDegraded(ctx.db, accountOf(ctx), agentId)

/** Says how an agent that runs was found to be, unless its state has changed meanwhile. @returns whether it was written down. */
export const noteHealth = (ctx: AccountContext, agentId: string, from: string, to: 'running' | 'degraded'): Promise<boolean> =>
  queries.changeStatus(ctx.db, accountOf(ctx), agentId, from, to)

/** Writes down which image an agent runs on. @throws AgentNotFound when it is gone. */
export async function setAgentImage(ctx: AccountContext, agentId: string, image: string): Promise<void> {
  if (!(await queries.updateAgent(ctx.db, accountOf(ctx), agentId, { image }))) throw new errors.AgentNotFound(agentId)
}

/** Keeps an encrypted secret of the runtime unless there is one already. @returns the one that is kept; undefined when the agent is gone. */
export const saveSecretIfAbsent = (
  ctx: AccountContext,
  agentId: string,
  column: 'sealedToken' | 'sealedModelKey',
  sealed: string,
): Promise<string | undefined> => queries.keepRuntimeSecret(ctx.db, accountOf(ctx), agentId, column, sealed)

/** Gives an agent another model, in its configuration too. @throws AgentNotFound */
export const replaceModel = (ctx: AccountContext, agentId: string, model: string): Promise<queries.AgentRow> =>
  changeConfig(ctx, agentId, { model })

/** @returns whether there was such an agent of the caller. */
export const deleteAgentRow = async (ctx: AccountContext, agentId: string): Promise<boolean> =>
  (await queries.deleteAgent(ctx.db, accountOf(ctx), agentId)) !== undefined

/** What is installed for an agent; names and switches. */
export const listSkills = (ctx: AccountContext, agentId: string) => queries.listSkills(ctx.db, accountOf(ctx), agentId)

/** @throws SkillNotFound when the agent has no such skill. */
export async function switchSkill(ctx: AccountContext, agentId: string, skillId: string, isEnabled: boolean): Promise<void> {
  if (!(await queries.updateSkill(ctx.db, accountOf(ctx), agentId, skillId, isEnabled))) throw new errors.SkillNotFound(skillId)
}
