import type { AgentRef } from '../definitions/agents.contract.ts'
import { findAgentRow, listSkills } from '../definitions/index.ts'
import { accountOf, type AccountContext } from '#server/platform/core/index.ts'
import { readWorkspaceFiles } from '../files/index.ts'
import { readWholeMemory } from '../memory/index.ts'
import { withAgent } from './agent-lease.ts'
import { writeLog } from './agent-log.service.ts'
import { driverOf } from '../drivers/index.ts'
import type { RuntimeAgent, Workspace, SyncCounts } from '../drivers/interface/index.ts'
import { workspaceChanges as queries } from '../watches/index.ts'
import { runtimeAgentOf } from './runtime-agent.service.ts'
import type { SyncResult } from './runtime.contract.ts'

/** Hands what an agent knows to its runtime. @throws AgentNotFound; RuntimeFailed, RuntimeUnreachable */
export async function syncAgent(ctx: AccountContext, { agentId }: AgentRef): Promise<SyncResult> {
  return withAgent(ctx, agentId, async () => {
    const row = await findAgentRow(ctx, agentId)
    const { skills, memories, files, filesLeftOut } = await syncWorkspace(ctx, await runtimeAgentOf(ctx, row))
    const leftOut = filesLeftOut > 0 ? `; ${filesLeftOut} files were left out` : ''
    await writeLog(ctx, agentId, 'agent', 'info', `Synced ${skills} skills, ${memories} memories and ${files} files${leftOut}`)
    return {
      success: true,
      agentId,
      gatewayId: row.instanceId,
      deployedAt: new Date().toISOString(),
      details: { skillsDeployed: skills, memoriesDeployed: memories, filesDeployed: files, filesLeftOut },
    }
  })
}

/** Hands what an agent knows to its runtime, for a caller that holds the agent already. @throws RuntimeFailed, RuntimeUnreachable */
export async function syncWorkspace(ctx: AccountContext, agent: RuntimeAgent): Promise<SyncCounts & { filesLeftOut: number }> {
  // Read before what it counts, so that a change that comes meanwhile is told again.
  const known = await queries.findVersion(ctx.db, accountOf(ctx), agent.id)
  const { filesLeftOut, ...workspace } = await readWorkspace(ctx, agent.id)
  const counts = await driverOf(ctx.platform).sync(agent, workspace)
  if (known) await queries.noteTold(ctx.db, accountOf(ctx), agent.id, known.version)
  return { ...counts, filesLeftOut }
}

/** What an agent has learned and been given: the skills that are switched on, its memory, and the texts among its files. */
async function readWorkspace(ctx: AccountContext, agentId: string): Promise<Workspace & { filesLeftOut: number }> {
  const [skills, memories, { files, leftOut }] = await Promise.all([
    listSkills(ctx, agentId),
    readWholeMemory(ctx, agentId),
    readWorkspaceFiles(ctx, agentId),
  ])
  return {
    skills: skills.filter(({ enabled }) => enabled).map(({ id, name, description }) => ({ id, name, description, content: null })),
    memories,
    files,
    filesLeftOut: leftOut,
  }
}
