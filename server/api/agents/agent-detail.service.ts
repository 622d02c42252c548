import type { AgentDetail, AgentRef } from '#server/agents/definitions/agents.contract.ts'
import { lookAt } from '#server/agents/runtime/index.ts'
import { getCheckedAgent } from '#server/agents/verification/index.ts'
import type { AccountContext } from '#server/platform/core/index.ts'

/** An agent as it is now. @throws AgentNotFound */
export async function showAgent(ctx: AccountContext, ref: AgentRef): Promise<AgentDetail> {
  await lookAt(ctx, ref.agentId)
  return getCheckedAgent(ctx, ref)
}
