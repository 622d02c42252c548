import { findAgentRow, AgentNotFound } from '../definitions/index.ts'
import { jobContext } from '#server/platform/account/index.ts'
import { accountOf, type AccountContext, type Platform, toAppError } from '#server/platform/core/index.ts'
import { tryWithAgent } from './agent-lease.ts'
import { writeLog } from './agent-log.service.ts'
import { driverOf } from '../drivers/index.ts'
import type { RuntimeRef } from '../drivers/interface/index.ts'
import { syncWorkspace } from './workspace-sync.service.ts'
import { workspaceChanges as queries } from '../watches/index.ts'
import { runtimeAgentOf } from './runtime-agent.service.ts'

const MAX_AT_ONCE = 10
/** A runtime that did not take what its agent knows is told again after this long, or with the next change. */
const RETRY_MS = 30_000

/** Tells the runtimes of agents what those know, where that has changed. Any number of servers may do so. */
export async function deliverWorkspaces(platform: Platform): Promise<void> {
  if (driverOf(platform).inProcess) return
  const due = await queries.listUntold(platform.databases.system, MAX_AT_ONCE)
  await Promise.all(due.map((ref) => deliverTo(platform, ref)))
}

async function deliverTo(platform: Platform, { id, accountId }: RuntimeRef): Promise<void> {
  const ctx = await jobContext(platform, accountId)
  if (!ctx) return
  try {
    await tryWithAgent(ctx, id, async () => {
      const agent = await runtimeAgentOf(ctx, await findAgentRow(ctx, id))
      await syncWorkspace(ctx, agent).catch((error: unknown) => noteRefusal(ctx, id, error))
    })
  } catch (error) {
    if (!(error instanceof AgentNotFound)) ctx.log.error({ err: error, agentId: id }, 'an agent could not be told what it knows')
  }
}

/** Written into the log of the agent with the first refusal, not with each one that follows. */
async function noteRefusal(ctx: AccountContext, agentId: string, error: unknown): Promise<void> {
  ctx.platform.shutdown.throwIfAborted()
  const known = await queries.findVersion(ctx.db, accountOf(ctx), agentId)
  await queries.noteUntold(ctx.db, accountOf(ctx), agentId, new Date(Date.now() + RETRY_MS).toISOString())
  if (!known?.retryAt)
    await writeLog(ctx, agentId, 'runtime', 'warn', `Was not told what it knows now, which is tried again: ${toAppError(error).message}`)
}
