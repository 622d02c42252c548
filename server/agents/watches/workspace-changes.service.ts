import { accountOf, type AccountContext } from '#server/platform/core/index.ts'
import { driverOf } from '../drivers/index.ts'
import * as queries from './workspace-changes.queries.ts'

/**
 * Says that what an agent knows has changed, in the transaction that changes it: its runtime is told within a second
 * of the commit, and again until it takes it. An agent that lives in the server looks for itself.
 */
export async function noteWorkspaceChange(ctx: AccountContext, agentId: string): Promise<void> {
  if (!driverOf(ctx.platform).inProcess) await queries.countChange(ctx.db, accountOf(ctx), agentId)
}
