import { resolveOffsetConnection } from '@pothos/plugin-relay'
import { Agent, AgentDetail } from '#server/agents/definitions/agents.contract.ts'
import { Message } from '#server/chat/conversations/conversations.contract.ts'
import { execute } from '#server/platform/operations/execute.ts'
import { operations } from '#server/operations.ts'
import { builder } from './builder.ts'
import { exposed, exposeMutations, exposeQueries, exposeSubscriptions } from './expose.ts'
import { typeRef } from './zod-types.ts'

const { agents, conversations, defaultAgent } = operations

exposed.set(agents.list.name, 'Query.agents')
exposed.set(conversations.messagesOfAgents.name, 'Agent.messages')

exposeQueries({
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

const MOST_AT_ONCE = 100

for (const type of [Agent, AgentDetail]) {
  builder.objectField(typeRef(type) as never, 'messages', (t) =>
    t.field({
      type: [typeRef(Message) as never],
      description: 'Its newest messages.',
      args: { first: t.arg.int({ defaultValue: 10, description: 'At most 100.' }) },
      // A message can be long: two for each, besides what is asked of it.
      complexity: ({ first }) => ({ field: 1 + 2 * (first ?? 10), multiplier: first ?? 10 }),
      resolve: (agent, { first }, { loaders }) =>
        loaders.messages.load({ agentId: (agent as { id: string }).id, first: Math.max(1, Math.min(first ?? 10, MOST_AT_ONCE)) }) as never,
    }),
  )
  builder.objectField(typeRef(type) as never, 'messagesConnection', (t) =>
    t.connection({
      nullable: false,
      type: typeRef(Message) as never,
      description: 'All its messages, newest first, page by page.',
      resolve: (agent, args, { call }) =>
        resolveOffsetConnection({ args, maxSize: MOST_AT_ONCE }, async ({ limit, offset }) => {
          const input = { agentId: (agent as { id: string }).id, limit: Math.min(limit, MOST_AT_ONCE), offset }
          return (await execute(conversations.agentMessages, call, input)).messages as never
        }) as never,
    }),
  )
}
