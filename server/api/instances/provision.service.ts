import { checkProvider, setCredential, createAgent, findAgentRow } from '#server/agents/definitions/index.ts'
import { PlanRequired, TRIAL_LIMITS, type PlanName } from '#server/money/billing/index.ts'
import { type AccountContext, InvalidInput, inTransaction } from '#server/platform/core/index.ts'
import {
  canonicalModelId,
  canonicalProvider,
  configuredProviders,
  documentedName,
  hostedBaseUrl,
  hostedProviders,
  isModelAvailable,
  type Credentials,
  type HostedProvider,
} from '#server/models/catalogue/index.ts'
import { firstStart } from '#server/agents/runtime/index.ts'
import type { ProvisionInstance, ProvisionResult } from './instances.contract.ts'
import { ChannelsNotAvailable } from './instances.errors.ts'

/**
 * Creates an agent with what an account says at once, and starts it.
 *
 * @throws ChannelsNotAvailable for a channel token; PlanRequired, PlanNotPaid; InvalidInput for skills that
 * are not installed; what createAgent throws; ProvisioningFailed, after which the agent is kept.
 */
export async function provisionInstance(ctx: AccountContext, input: ProvisionInstance): Promise<ProvisionResult> {
  refuseChannels(input)
  if (input.plan === 'free') throw new PlanRequired()
  if (input.skills && input.skills.length > 0)
    throw new InvalidInput([{ field: 'skills', message: 'a new agent has no skills that could be switched on yet' }])
  const { provider, credentials } = await chooseProvider(ctx, input)
  const { id } = await createAgent(
    ctx,
    {
      name: `${input.agentType === 'business' ? 'Business' : 'Creative'} agent`,
      config: {
        agentType: input.agentType,
        ...(provider ? { aiProvider: provider } : {}),
        ...(input.model ? { model: input.model } : {}),
        ...(input.plan ? { plan: input.plan } : {}),
      },
    },
    credentials,
  )
  const { apiKey } = input
  if (apiKey && provider) await inTransaction(ctx.db, (db) => setCredential({ ...ctx, db }, id, provider, apiKey))
  const agent = await firstStart(ctx, id)
  const { instanceId } = await findAgentRow(ctx, id)
  return {
    success: true,
    userId: instanceId,
    subdomain: agent.subdomain,
    url: agent.url,
    agentId: id,
    id,
    aiProvider: documentedName(agent.aiProvider),
    ...providerConfigOf(ctx, agent.aiProvider, agent.model ?? ''),
    plan: agent.plan === 'free' ? TRIAL_LIMITS : (agent.plan as PlanName),
    status: agent.status,
    createdAt: agent.createdAt,
    metadata: { channels: { telegram: 'disabled', discord: 'disabled', whatsapp: 'disabled' } },
  }
}

/** @throws ChannelsNotAvailable */
function refuseChannels({ telegramToken, discordBotToken, whatsappToken }: ProvisionInstance): void {
  if (telegramToken) throw new ChannelsNotAvailable('Telegram')
  if (discordBotToken) throw new ChannelsNotAvailable('Discord')
  if (whatsappToken) throw new ChannelsNotAvailable('WhatsApp')
}

const DEFAULT_PROVIDER = 'openrouter'

/** The provider that is meant, by its name here, and the key the caller brings for it; none for the default of the server. @throws InvalidInput for one that is not set up */
async function chooseProvider(
  ctx: AccountContext,
  { aiProvider, apiKey, model }: ProvisionInstance,
): Promise<{ provider?: HostedProvider; credentials: Credentials }> {
  const { env } = ctx.platform
  const named = aiProvider ?? DEFAULT_PROVIDER
  const provider = canonicalProvider(named) as HostedProvider
  const isMeant = aiProvider !== undefined || apiKey !== undefined
  if (!isMeant && (model !== undefined || !configuredProviders(env).includes(provider))) return { credentials: {} }
  const credentials = apiKey ? { [provider]: apiKey } : {}
  const id = model && (await canonicalModelId(env, model, credentials))
  // Of a model that nobody has the model itself is to be told.
  if (!id || isModelAvailable(env, id, credentials)) checkProvider(ctx, 'aiProvider', provider, id, credentials)
  return { provider, credentials }
}

/** Only for providers everybody knows: the address of a server of the operator's own is nobody's business. */
function providerConfigOf({ platform }: AccountContext, name: string, model: string): Pick<ProvisionResult, 'aiProviderConfig'> {
  const provider = hostedProviders.find((hosted) => hosted === name)
  return provider ? { aiProviderConfig: { model, baseUrl: hostedBaseUrl(platform.env, provider), requiresKey: true } } : {}
}
