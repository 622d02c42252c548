import type { AgentDetail, AgentRef } from '../definitions/agents.contract.ts'
import { findAgentRow, getAgent, toDetail } from '../definitions/index.ts'
import type { AccountContext } from '#server/platform/core/index.ts'
import { recheckVerification } from './recheck.service.ts'

/** An agent, and whether it is verified as of the last day. @throws AgentNotFound */
export async function getCheckedAgent(ctx: AccountContext, { agentId }: AgentRef): Promise<AgentDetail> {
  const agent = await findAgentRow(ctx, agentId)
  if (!agent.verification?.isDue) return toDetail(ctx, agent)
  await recheckVerification(ctx, agentId)
  return getAgent(ctx, { agentId })
}
