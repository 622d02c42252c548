import { randomBytes } from 'node:crypto'
import {
  readAgentCredentials,
  AgentNotFound,
  NoGateway,
  findAgentRow,
  saveSecretIfAbsent,
  type AgentRow,
  omitSecrets,
} from '../definitions/index.ts'
import type { AgentConfig, AgentRef } from '../definitions/agents.contract.ts'
import { resourcesOf, type AccountPlan } from '#server/money/billing/index.ts'
import { requireScope } from '#server/platform/operations/index.ts'
import { accountOf, type AccountContext } from '#server/platform/core/index.ts'
import type { SealedColumn } from '#server/platform/rotation/index.ts'
import { findRoutes, readProviderKeys } from '#server/models/catalogue/index.ts'
import { createAgentKey } from '#server/identity/keys/index.ts'
import { driverOf } from '../drivers/index.ts'
import type { RuntimeAgent, RuntimeRef } from '../drivers/interface/index.ts'
import type { GatewayToken } from './runtime.contract.ts'

const tokenPurpose = (agentId: string) => `gateway token ${agentId}`
const modelKeyPurpose = (agentId: string) => `model key ${agentId}`

/** What is sealed for running agents. */
export const sealedForRuntime: SealedColumn[] = [
  { table: 'agents', column: 'sealed_token', purpose: ({ id }) => tokenPurpose(id!) },
  { table: 'agents', column: 'sealed_model_key', purpose: ({ id }) => modelKeyPurpose(id!) },
]

/** The agent as its driver has to know it. Its token and its key for models are made when they are first needed. */
export async function runtimeAgentOf(ctx: AccountContext, row: AgentRow): Promise<RuntimeAgent> {
  const driver = driverOf(ctx.platform)
  return {
    id: row.id,
    accountId: accountOf(ctx),
    name: row.name,
    model: row.model,
    config: omitSecrets(row.config) as AgentConfig,
    token: await readToken(ctx, row),
    modelKey: driver.usesModelsOfServer ? await readModelKey(ctx, row) : null,
    credentials: await readAgentCredentials(ctx, row.id),
    image: row.image ?? defaultImageOf(ctx),
    resources: resourcesOf(row.plan as AccountPlan),
  }
}

/** Whether the model of an agent is called on a key of its own, or of its account where it calls models through this server. */
export async function isOnOwnKey(ctx: AccountContext, { id, model }: Pick<AgentRow, 'id' | 'model'>): Promise<boolean> {
  const { usesModelsOfServer } = driverOf(ctx.platform)
  const credentials = usesModelsOfServer ? await readProviderKeys(ctx) : await readAgentCredentials(ctx, id)
  return findRoutes(ctx.platform.env, model, credentials)[0]?.isOwnKey === true
}

/** Image of agents that were given no other. */
export const defaultImageOf = ({ platform }: AccountContext): string => platform.env.RUNTIME_IMAGE ?? driverOf(platform).defaultImage

/**
 * What opens the gateway of an agent, and of no other. Made on first use.
 *
 * @throws Forbidden for a key that may not talk to agents: who has the token can. AgentNotFound; NoGateway for an agent that runs
 * inside the server
 */
export async function getGatewayToken(ctx: AccountContext, { agentId }: AgentRef): Promise<GatewayToken> {
  requireScope(ctx, 'chat:write')
  const agent = await findAgentRow(ctx, agentId)
  if (driverOf(ctx.platform).inProcess) throw new NoGateway(agentId)
  return { token: await readToken(ctx, agent) }
}

/** The token of an agent if it has a gateway, and a token already. */
export const readMadeToken = ({ platform }: AccountContext, { id, sealedToken }: AgentRow): string | null =>
  sealedToken === null || driverOf(platform).inProcess ? null : platform.secrets.open(sealedToken, tokenPurpose(id))

async function readToken(ctx: AccountContext, { id, sealedToken }: AgentRow): Promise<string> {
  const { secrets } = ctx.platform
  const make = () => saveSecretIfAbsent(ctx, id, 'sealedToken', secrets.seal(randomBytes(32).toString('hex'), tokenPurpose(id)))
  const sealed = sealedToken ?? (await make())
  if (!sealed) throw new AgentNotFound(id)
  return secrets.open(sealed, tokenPurpose(id))
}

async function readModelKey(ctx: AccountContext, { id, sealedModelKey }: AgentRow): Promise<string> {
  const { secrets } = ctx.platform
  const make = async () => saveSecretIfAbsent(ctx, id, 'sealedModelKey', secrets.seal(await createAgentKey(ctx, id), modelKeyPurpose(id)))
  const sealed = sealedModelKey ?? (await make())
  if (!sealed) throw new AgentNotFound(id)
  return secrets.open(sealed, modelKeyPurpose(id))
}

/** How a driver is told which agent is meant. */
export const refOf = (ctx: AccountContext, { id }: { id: string }): RuntimeRef => ({ id, accountId: accountOf(ctx) })
