import { MAX_LISTED_AGENTS, type Agent, type AgentStatus } from '../definitions/agents.contract.ts'
import { findAgent, findAgentRow, listAgents } from '../definitions/index.ts'
import { accountOf, type AccountContext } from '#server/platform/core/index.ts'
import { followAgents, type AgentNotice } from './agent-events.ts'
import type { AgentEvent, FollowAgents } from './runtime.contract.ts'

/**
 * The state of each agent, and then every change of one, on whichever server it happens. Ends when the one agent
 * that is watched is deleted.
 *
 * @throws AgentNotFound
 */
export async function* streamAgentEvents(ctx: AccountContext, { agentId }: FollowAgents): AsyncGenerator<AgentEvent> {
  if (agentId) await findAgentRow(ctx, agentId)
  const ended = new AbortController()
  const notices = await followAgents(ctx.platform, accountOf(ctx), AbortSignal.any([ctx.signal, ended.signal]))
  const known = new Map<string, string>()
  try {
    yield { type: 'ready' }
    yield* changesAmong(await readAgents(ctx, agentId), known)
    for await (const notice of notices) {
      if (notice.kind === 'gap') yield* changesAmong(await readAgents(ctx, agentId), known)
      else if (!agentId || notice.agentId === agentId) yield* changesIn(notice, known)
      if (agentId && !known.has(agentId)) return
    }
  } finally {
    ended.abort()
  }
}

/** The one agent, if it is there, or all of the account's. */
async function readAgents(ctx: AccountContext, agentId?: string): Promise<Pick<Agent, 'id' | 'status'>[]> {
  if (agentId) {
    const agent = await findAgent(ctx, agentId)
    return agent ? [{ id: agent.id, status: agent.status as AgentStatus }] : []
  }
  const agents: Agent[] = []
  for (;;) {
    const page = await listAgents(ctx, { limit: MAX_LISTED_AGENTS, offset: agents.length })
    agents.push(...page)
    if (page.length < MAX_LISTED_AGENTS) return agents
  }
}

function* changesIn(notice: AgentNotice, known: Map<string, string>): Generator<AgentEvent> {
  if (notice.kind === 'deleted') {
    known.delete(notice.agentId)
    yield { type: 'deleted', agentId: notice.agentId, timestamp: new Date().toISOString() }
  }
  if (notice.kind !== 'status') return
  known.set(notice.agentId, notice.status)
  yield toEvent(notice.agentId, notice.status)
}

/** What changed while nobody listened. */
function* changesAmong(agents: Pick<Agent, 'id' | 'status'>[], known: Map<string, string>): Generator<AgentEvent> {
  const present = new Set(agents.map(({ id }) => id))
  for (const id of [...known.keys()].filter((id) => !present.has(id))) {
    known.delete(id)
    yield { type: 'deleted', agentId: id, timestamp: new Date().toISOString() }
  }
  for (const { id, status } of agents) {
    if (known.get(id) === status) continue
    known.set(id, status)
    yield toEvent(id, status)
  }
}

const toEvent = (agentId: string, status: string): AgentEvent => ({
  type: 'status',
  agentId,
  status: status as AgentStatus,
  timestamp: new Date().toISOString(),
})
