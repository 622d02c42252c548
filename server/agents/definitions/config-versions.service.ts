import { accountOf, type AccountContext } from '#server/platform/core/index.ts'
import type { AgentConfig, AgentRef } from './agents.contract.ts'
import { ConfigVersionNotFound } from './agents.errors.ts'
import { findAgentRow, writeConfig, type AgentRow } from './agents.service.ts'
import { omitSecrets } from './config-secrets.rules.ts'
import { diffConfigs } from './config-diff.rules.ts'
import type { CompareConfigs, ConfigDiff, ConfigVersion, RestoreConfig } from './config-versions.contract.ts'
import * as queries from './config-versions.queries.ts'

/** The configurations the agent had lately, newest first; the first one is in use. @throws AgentNotFound */
export async function listConfigVersions(ctx: AccountContext, { agentId }: AgentRef): Promise<ConfigVersion[]> {
  await findAgentRow(ctx, agentId)
  const rows = await queries.listVersions(ctx.db, accountOf(ctx), agentId)
  return rows.map(({ config, ...row }) => ({ ...row, config: omitSecrets(config) as AgentConfig }))
}

/** What is different in version `to` compared with `from`. @throws AgentNotFound, ConfigVersionNotFound */
export async function diffConfigVersions(ctx: AccountContext, { agentId, from, to }: CompareConfigs): Promise<ConfigDiff> {
  const [before, after] = [await findConfig(ctx, agentId, from), await findConfig(ctx, agentId, to)]
  return { from, to, changes: diffConfigs(before, after) }
}

/**
 * Gives an agent a configuration back that it had, secrets included, as a new version.
 *
 * @throws AgentNotFound, ConfigVersionNotFound; ModelRestricted, ModelNotAvailable when its model cannot be used any more.
 */
export async function restoreConfig(ctx: AccountContext, { agentId, version }: RestoreConfig): Promise<AgentRow> {
  return writeConfig(ctx, agentId, await findConfig(ctx, agentId, version))
}

async function findConfig(ctx: AccountContext, agentId: string, version: number): Promise<AgentConfig> {
  await findAgentRow(ctx, agentId)
  const found = await queries.findVersion(ctx.db, accountOf(ctx), agentId, version)
  if (!found) throw new ConfigVersionNotFound(agentId, version)
  return found.config as AgentConfig
}
