import { Agent, AgentDetail } from '#server/agents/definitions/agents.contract.ts'
import { MAX_MESSAGES_OF_AGENTS, Message } from '#server/chat/conversations/conversations.contract.ts'
import { messagePagesOfAgents, messageTotalsOfAgents } from '#server/chat/conversations/conversations.operations.ts'
import { execute, placeById } from '#server/platform/operations/index.ts'
import { operations } from '#server/operations.ts'
import { exposed, exposeMutations, exposeQueries, exposeSubscriptions } from './expose.ts'
import { defineNestedList } from './loaders.ts'
import { exposeNestedList } from './nested-lists.ts'

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

const messages = defineNestedList({
  name: conversations.messagesOfAgents.name,
  place: placeById,
  most: MAX_MESSAGES_OF_AGENTS,
  async list(call, agentIds, perAgent, after) {
    const found = await execute(messagePagesOfAgents, call, { agentIds, perAgent, after: after?.[0] })
    return found.map((node) => ({ parentId: node.agentId, place: [node.id], node }))
  },
  async count(call, agentIds) {
    const totals = await execute(messageTotalsOfAgents, call, { agentIds })
    return totals.map(({ agentId, total }) => ({ parentId: agentId, total }))
  },
})

// A message can be long: two for each.
for (const type of [Agent, AgentDetail])
  exposeNestedList(type, 'messages', { node: Message, description: 'Its messages, newest first.', cost: 2, list: messages })
