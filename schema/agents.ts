import { Agent, AgentDetail } from '#server/agents/definitions/agents.contract.ts'
import { Message } from '#server/chat/conversations/conversations.contract.ts'
import { placeById, readPageRequest, writeCursor, type OpenList, type PageRequest } from '#server/platform/operations/index.ts'
import { operations } from '#server/operations.ts'
import { builder } from './builder.ts'
import { connectionOf, costOfPage, pageArguments } from './connections.ts'
import { exposed, exposeMutations, exposeQueries, exposeSubscriptions } from './expose.ts'
import type { Loaders } from './loaders.ts'
import { typeRef } from './zod-types.ts'

const { agents, conversations, defaultAgent } = operations

exposed.set(conversations.messagesOfAgents.name, 'Agent.messages')

exposeQueries({
  agents: agents.list,
  provisionedAgents: agents.provisioned,
  agent: agents.get,
  agentConfig: agents.config,
  agentStats: agents.stats,
  agentHealth: agents.health,
  agentSkills: agents.skills,
  agentCredentials: agents.credentials,
  agentLogs: agents.logs,
  agentToken: agents.token,
  agentConfigVersions: agents.configVersions,
  agentConfigDiff: agents.configDiff,
  agentApi: defaultAgent.index,
})

exposeMutations({
  createAgent: agents.create,
  provisionAgent: agents.provision,
  updateAgent: agents.update,
  deleteAgent: agents.delete,
  updateAgentConfig: agents.updateConfig,
  startAgent: agents.start,
  stopAgent: agents.stop,
  restartAgent: agents.restart,
  resetAgentMemory: agents.resetMemory,
  switchAgentSkill: agents.switchSkill,
  setAgentCredential: agents.setCredential,
  updateAgentImage: agents.updateImage,
  repairAgent: agents.repair,
  syncAgent: agents.sync,
  restoreAgentConfig: agents.restoreConfig,
  chatWithAgent: defaultAgent.chat,
})

exposeSubscriptions({
  agentEvents: agents.events,
  agentLogStream: agents.streamLogs,
})

for (const type of [Agent, AgentDetail]) {
  builder.objectField(typeRef(type) as never, 'messages', (t) =>
    t.field({
      type: connectionOf(Message),
      nullable: true,
      description: 'Its messages, newest first.',
      args: { first: t.arg(pageArguments.first), after: t.arg(pageArguments.after) },
      // A message can be long: two for each, besides what is asked of it.
      complexity: costOfPage(2),
      resolve: (agent, page, { loaders }) => messagesOf((agent as { id: string }).id, page, loaders),
    }),
  )
}

/** @throws InvalidInput naming `first` or `after`. */
function messagesOf(agentId: string, request: PageRequest, { messages, messageTotals }: Loaders): OpenList {
  const list = `${conversations.messagesOfAgents.name} ${agentId}`
  const { first, after } = readPageRequest(list, placeById, request)
  return {
    async page() {
      const found = await messages.load({ agentId, limit: first + 1, after: after?.[0] })
      const entries = found.slice(0, first).map((node) => ({ cursor: writeCursor(list, [node.id]), node }))
      return { entries, hasMore: found.length > first }
    },
    total: () => messageTotals.load(agentId),
  }
}
