import { isUpSoon, wantedStatuses } from '#server/agents/definitions/agent-status.contract.ts'
import { AgentNotFound, getAgent } from '#server/agents/definitions/index.ts'
import { runtime } from '#server/agents/runtime/index.ts'
import { jobContext } from '#server/platform/account/index.ts'
import type { AccountContext, Platform } from '#server/platform/core/index.ts'
import * as queries from './deletion.queries.ts'

const MAX_AT_ONCE = 100

/** Stops the agents of a workspace that was deleted. One that does not stop now is stopped with the others of that kind. */
export async function stopAgentsOf(platform: Platform, accountId: string): Promise<void> {
  await forEachAgent(platform, accountId, 'could not stop an agent of a deleted workspace yet', async (ctx, agentId) => {
    const { status } = await getAgent(ctx, { agentId })
    if (isUpSoon(status)) await runtime.stopAgent(ctx, { agentId })
  })
}

/** Stops the agents of deleted workspaces that are still up. */
export async function stopAgentsOfDeleted(platform: Platform): Promise<void> {
  for (const { id } of await queries.listClosedWithAgents(platform.databases.system, wantedStatuses, MAX_AT_ONCE))
    await stopAgentsOf(platform, id)
}

/** Removes the agents of a workspace, wherever they run, with everything they have. */
export const removeAgentsOf = (platform: Platform, accountId: string): Promise<void> =>
  forEachAgent(platform, accountId, 'could not remove an agent of a deleted workspace yet', (ctx, agentId) =>
    runtime.deleteAgent(ctx, { agentId }),
  )

async function forEachAgent(
  platform: Platform,
  accountId: string,
  problem: string,
  work: (ctx: AccountContext, agentId: string) => Promise<unknown>,
): Promise<void> {
  const ctx = await jobContext(platform, accountId)
  if (!ctx) return
  for (const agentId of await queries.listAgentIds(platform.databases.system, accountId)) {
    if (platform.shutdown.aborted) return
    await work(ctx, agentId).catch((error: unknown) => {
      if (!(error instanceof AgentNotFound)) platform.log.warn({ err: error, account: accountId, agentId }, problem)
    })
  }
}
