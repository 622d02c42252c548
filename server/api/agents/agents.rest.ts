import { z } from 'zod'
import { timestamp } from '#server/platform/core/common.contract.ts'
import { bind } from '#server/platform/operations/index.ts'
import * as contract from '#server/agents/definitions/agents.contract.ts'
import { LogList } from '#server/agents/runtime/runtime.contract.ts'
import { agents } from './agents.operations.ts'

const params = { id: 'agentId' }

const AgentList = z.object({ agents: contract.Agents, count: z.int().min(0), status: z.literal('ok') })
const ProvisionedList = z.object({ success: z.literal(true), agents: contract.Agents, count: z.int().min(0) })
const OneAgent = z.object({ agent: contract.AgentDetail, status: z.literal('ok') })
const AgentCreated = z
  .object({
    id: z.string(),
    name: z.string(),
    agentId: z.string().describe('Same value as `id`.'),
    status: contract.AgentStatus,
    subdomain: z.string(),
    url: z.url(),
    createdAt: timestamp,
  })
  .meta({ id: 'AgentCreated' })
const AgentUpdated = z
  .object({
    id: z.string(),
    plan: contract.AgentDetail.shape.plan,
    aiProvider: z.string(),
    subdomain: z.string(),
    status: contract.AgentStatus,
    message: z.string(),
  })
  .meta({ id: 'AgentUpdated' })
const ProvisionedAgent = z.object({ ...contract.Agent.shape }).meta({ id: 'ProvisionedAgent' })
const Config = z.object({ config: contract.AgentConfig, status: z.literal('ok') })
const ConfigUpdated = z.object({ config: contract.AgentConfig, status: z.literal('updated') })
const Stats = z.object({ stats: contract.AgentStats, status: z.literal('ok') })

const Logs = z.object({ ...LogList.shape, status: z.literal('ok') })

const lifecycle = { tag: 'agents', params, errors: [402, 404, 502] } as const

export const agentsRest = {
  list: bind({
    id: 'listAgents',
    tag: 'agents',
    operation: agents.list,
    output: AgentList,
    body: (list) => ({ agents: list, count: list.length, status: 'ok' }),
    errors: [401],
  }),
  provisioned: bind({
    id: 'listProvisionedAgents',
    tag: 'provision',
    operation: agents.provisioned,
    output: ProvisionedList,
    body: (list) => ({ success: true, agents: list, count: list.length }),
  }),
  create: bind({
    id: 'createAgent',
    tag: 'agents',
    operation: agents.create,
    status: 201,
    output: AgentCreated,
    body: ({ id, name, status, subdomain, url, createdAt }) => ({ id, name, agentId: id, status, subdomain, url, createdAt }),
    errors: [402, 403],
  }),
  provision: bind({
    id: 'provisionAgent',
    tag: 'provision',
    operation: agents.provision,
    status: 201,
    output: z.object({ success: z.literal(true), agent: ProvisionedAgent }),
    body: ({ id, name, status, websocketUrl, statusReason, statusSeenAt, model, createdAt, updatedAt }) => ({
      success: true,
      agent: { id, name, status, websocketUrl, statusReason, statusSeenAt, model, createdAt, updatedAt },
    }),
    errors: [402, 403, 503],
  }),
  get: bind({
    id: 'getAgent',
    tag: 'agents',
    operation: agents.get,
    stream: agents.events,
    params,
    output: OneAgent,
    body: (agent) => ({ agent, status: 'ok' }),
    errors: [404],
  }),
  update: bind({
    id: 'updateAgent',
    tag: 'agents',
    operation: agents.update,
    params,
    output: AgentUpdated,
    body: ({ id, plan, aiProvider, subdomain, status }) => ({ id, plan, aiProvider, subdomain, status, message: 'Saved' }),
    errors: [402, 403, 404],
  }),
  delete: bind({ id: 'deleteAgent', tag: 'agents', operation: agents.delete, params, errors: [404] }),
  config: bind({
    id: 'getAgentConfig',
    tag: 'agents',
    operation: agents.config,
    params,
    output: Config,
    body: (config) => ({ config, status: 'ok' }),
    errors: [404],
  }),
  updateConfig: bind({
    id: 'updateAgentConfig',
    tag: 'agents',
    operation: agents.updateConfig,
    params,
    input: ({ params: { id }, body }) => ({ agentId: id, config: body }),
    bodyOf: ({ config }) => config,
    fieldName: (field) => field.replace(/^config\./, ''),
    output: ConfigUpdated,
    body: (config) => ({ config, status: 'updated' }),
    document: { body: contract.AgentConfigChange },
    errors: [403, 404],
  }),
  stats: bind({
    id: 'getAgentStats',
    tag: 'agents',
    operation: agents.stats,
    params,
    output: Stats,
    body: (stats) => ({ stats, status: 'ok' }),
    errors: [404],
  }),
  start: bind({ ...lifecycle, id: 'startAgent', operation: agents.start }),
  stop: bind({ ...lifecycle, id: 'stopAgent', operation: agents.stop }),
  restart: bind({ ...lifecycle, id: 'restartAgent', operation: agents.restart }),
  logs: bind({
    id: 'listAgentLogs',
    tag: 'agents',
    operation: agents.logs,
    stream: agents.streamLogs,
    params,
    output: Logs,
    body: (list) => ({ ...list, status: 'ok' }),
    errors: [404],
  }),
  updateImage: bind({
    ...lifecycle,
    id: 'updateAgentImage',
    operation: agents.updateImage,
  }),
  repair: bind({ ...lifecycle, id: 'repairAgent', operation: agents.repair }),
  token: bind({ id: 'getAgentToken', tag: 'agents', operation: agents.token, params, errors: [404] }),
  sync: bind({ ...lifecycle, id: 'syncAgent', operation: agents.sync, errors: [404, 502] }),
  resetMemory: bind({ ...lifecycle, id: 'resetAgentMemory', operation: agents.resetMemory }),
}
