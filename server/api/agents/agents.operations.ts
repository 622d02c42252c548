import { getAgentStats } from './agent-stats.service.ts'
import * as ownAgent from '../default-agent/default-agent.service.ts'
import { Nothing } from '#server/platform/core/common.contract.ts'
import { defineList, defineMutation, defineQuery } from '#server/platform/operations/operation.ts'
import { definePages, placeByTime } from '#server/platform/operations/pages.ts'
import * as configured from '#server/agents/runtime/config-sync.service.ts'
import { runtimeOperations } from './runtime.operations.ts'
import * as runtime from '#server/agents/runtime/runtime.service.ts'
import { getCheckedAgent } from '#server/agents/verification/checked-agent.service.ts'
import * as contract from '#server/agents/definitions/agents.contract.ts'
import * as service from '#server/agents/definitions/agents.service.ts'

const read = { access: 'account', scope: 'agents:read', bucket: 'agents' } as const
const write = { access: 'account', scope: 'agents:write', bucket: 'agents' } as const
/** Calls a model provider or the runtime, so it opens its own transactions around what it stores. */
const outside = { ...write, transaction: false } as const

const agentPages = definePages({
  input: Nothing,
  node: contract.Agent,
  place: placeByTime,
  list: service.listAgentPage,
  count: service.countAgents,
})

export const agents = {
  ...runtimeOperations,
  list: defineList({
    ...read,
    name: 'agents.list',
    summary: 'List your agents',
    description: 'Newest first. A call with no credential gets an empty list; a bad API key is refused.',
    access: 'optional',
    input: contract.ListAgents,
    output: contract.Agents,
    pages: agentPages,
    run: service.listAgents,
  }),
  provisioned: defineList({
    ...read,
    name: 'agents.provisioned',
    summary: 'List provisioned agents',
    description: 'Newest first.',
    input: contract.ListAgents,
    output: contract.Agents,
    pages: agentPages,
    run: service.listOwnAgents,
  }),
  get: defineQuery({
    ...read,
    name: 'agents.get',
    summary: 'Get one agent',
    description: 'Secrets inside the configuration are left out.',
    input: contract.AgentRef,
    output: contract.AgentDetail,
    run: getCheckedAgent,
  }),
  create: defineMutation({
    ...outside,
    name: 'agents.create',
    summary: 'Create an agent without starting it',
    idempotent: true,
    input: contract.CreateAgent,
    output: contract.AgentDetail,
    run: service.createAgent,
  }),
  provision: defineMutation({
    ...outside,
    name: 'agents.provision',
    summary: 'Create an agent and start it',
    description: 'Needs an active plan or a running trial; admins are exempt from that and from the agent limit.',
    idempotent: true,
    input: contract.ProvisionAgent,
    output: contract.AgentDetail,
    run: runtime.provisionAgent,
  }),
  update: defineMutation({
    ...outside,
    name: 'agents.update',
    summary: 'Change plan, provider or configuration',
    description: 'Fields left out stay as they are. Keys of `config` are merged one level deep.',
    input: contract.UpdateAgent,
    output: contract.AgentDetail,
    run: configured.updateAgent,
  }),
  delete: defineMutation({
    ...outside,
    name: 'agents.delete',
    summary: 'Stop and remove an agent',
    description: 'Removes its messages, memory, credentials and installed skills with it.',
    input: contract.AgentRef,
    output: contract.AgentDeleted,
    run: runtime.deleteAgent,
  }),
  config: defineQuery({
    ...read,
    name: 'agents.config',
    summary: 'Get the configuration of an agent',
    description: 'Without secrets.',
    input: contract.AgentRef,
    output: contract.AgentConfig,
    run: service.getAgentConfig,
  }),
  updateConfig: defineMutation({
    ...outside,
    name: 'agents.updateConfig',
    summary: 'Change the configuration of an agent',
    description: 'Keys are merged; null removes one. The next reply of the agent uses it.',
    input: contract.UpdateAgentConfig,
    output: contract.AgentConfig,
    run: configured.updateAgentConfig,
  }),
  stats: defineQuery({
    ...read,
    name: 'agents.stats',
    summary: 'Get resource use and message figures of an agent',
    input: contract.AgentRef,
    output: contract.AgentStats,
    run: getAgentStats,
  }),
  start: defineMutation({
    ...outside,
    name: 'agents.start',
    summary: 'Start an agent',
    description: 'Starts a stopped runtime; a running one stays as it is.',
    input: contract.AgentRef,
    output: contract.LifecycleResult,
    run: runtime.startAgent,
  }),
  stop: defineMutation({
    ...outside,
    name: 'agents.stop',
    summary: 'Stop an agent',
    description: 'Data and configuration stay.',
    input: contract.AgentRef,
    output: contract.LifecycleResult,
    run: runtime.stopAgent,
  }),
  restart: defineMutation({
    ...outside,
    name: 'agents.restart',
    summary: 'Restart an agent',
    description: 'Restarts the runtime and swaps a model that is gone for the default one.',
    input: contract.AgentRef,
    output: contract.RestartResult,
    run: runtime.restartAgent,
  }),
  resetMemory: defineMutation({
    ...outside,
    name: 'agents.resetMemory',
    summary: 'Reset the memory of an agent',
    description: 'Clears what the agent remembers and restarts it. Stored messages stay.',
    input: contract.AgentRef,
    output: contract.LifecycleResult,
    run: runtime.resetAgentMemory,
  }),
  health: defineQuery({
    ...read,
    bucket: 'general',
    name: 'agents.health',
    summary: 'Get the state of the runtime of your agent',
    input: contract.AgentChoice,
    output: contract.AgentHealth,
    run: ownAgent.getAgentHealth,
  }),
  skills: defineQuery({
    ...read,
    bucket: 'general',
    name: 'agents.skills',
    summary: 'List the skills installed for your agent',
    input: contract.AgentChoice,
    output: contract.AgentSkills,
    run: ownAgent.listAgentSkills,
  }),
  switchSkill: defineMutation({
    ...write,
    bucket: 'general',
    name: 'agents.switchSkill',
    summary: 'Switch an installed skill of your agent on or off',
    input: contract.SwitchSkill,
    output: contract.SkillSwitched,
    run: ownAgent.switchAgentSkill,
  }),
  credentials: defineQuery({
    ...read,
    bucket: 'general',
    name: 'agents.credentials',
    summary: 'See which credentials your agent has',
    description: 'Values are never shown.',
    input: contract.AgentChoice,
    output: contract.AgentCredentials,
    run: ownAgent.listAgentCredentials,
  }),
  setCredential: defineMutation({
    ...write,
    bucket: 'general',
    name: 'agents.setCredential',
    summary: 'Store or remove a credential of your agent',
    description: 'Encrypted at rest and never given back. A key for a model provider is used instead of the one of the operator.',
    input: contract.SetCredential,
    output: contract.CredentialSet,
    run: ownAgent.setAgentCredential,
  }),
}
