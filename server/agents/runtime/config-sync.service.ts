import type { AgentConfig, AgentDetail, UpdateAgent, UpdateAgentConfig } from '../definitions/agents.contract.ts'
import { agents, omitSecrets, restoreConfig } from '../definitions/index.ts'
import type { RestoreConfig } from '../definitions/config-versions.contract.ts'
import { type AccountContext, toAppError } from '#server/platform/core/index.ts'
import { writeLog } from './agent-log.service.ts'
import { driverOf } from '../drivers/index.ts'
import { syncWorkspace } from './workspace-sync.service.ts'
import { runtimeAgentOf } from './runtime-agent.service.ts'

// Changes of a configuration that reach the runtime of the agent too.

/** @throws what agents.updateAgent throws */
export async function updateAgent(ctx: AccountContext, input: UpdateAgent): Promise<AgentDetail> {
  const agent = await agents.updateAgent(ctx, input)
  await handConfigOver(ctx, input.agentId)
  return agent
}

/** @throws what agents.updateAgentConfig throws */
export async function updateAgentConfig(ctx: AccountContext, input: UpdateAgentConfig): Promise<AgentConfig> {
  const config = await agents.updateAgentConfig(ctx, input)
  await handConfigOver(ctx, input.agentId)
  return config
}

/** @throws what restoreConfig throws */
export async function restoreAgentConfig(ctx: AccountContext, input: RestoreConfig): Promise<AgentConfig> {
  const { config } = await restoreConfig(ctx, input)
  await handConfigOver(ctx, input.agentId)
  return omitSecrets(config) as AgentConfig
}

/** The configuration is stored in any case; a runtime that does not take it now gets it with its next start. */
async function handConfigOver(ctx: AccountContext, agentId: string): Promise<void> {
  const driver = driverOf(ctx.platform)
  if (driver.inProcess) return
  const row = await agents.findAgentRow(ctx, agentId)
  if (row.status === 'pending') return
  try {
    const agent = await runtimeAgentOf(ctx, row)
    await driver.create(agent)
    await syncWorkspace(ctx, agent)
  } catch (error) {
    await writeLog(ctx, agentId, 'runtime', 'warn', `Did not take the new configuration: ${toAppError(error).message}`)
  }
}
