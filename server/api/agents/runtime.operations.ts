import * as configs from '#server/agents/definitions/config-versions.contract.ts'
import { diffConfigVersions, listConfigVersions } from '#server/agents/definitions/index.ts'
import { AgentConfig, AgentRef } from '#server/agents/definitions/agents.contract.ts'
import { defineList, defineMutation, defineQuery, defineStream, definePages, placeByTime } from '#server/platform/operations/index.ts'
import {
  streamAgentEvents,
  countLogs,
  listLogPage,
  listLogs,
  streamLogs,
  restoreAgentConfig,
  syncAgent,
  maintenance,
  getGatewayToken,
} from '#server/agents/runtime/index.ts'
import * as contract from '#server/agents/runtime/runtime.contract.ts'
import { runtimeExamples } from './runtime.examples.ts'

const read = { access: 'account', scope: 'agents:read', bucket: 'agents' } as const
/** Reaches out to the runtime, so it opens its own transactions around what it stores. */
const outside = { access: 'account', scope: 'agents:write', bucket: 'agents', transaction: false } as const

const ofRuntime = 'What the program of an agent wrote may repeat what was said: a key sees it only with `chat:read` as well.'

/** The operations of agents that are about where they run, and the versions of what they run with. */
export const runtimeOperations = {
  events: defineStream({
    ...read,
    name: 'agents.events',
    summary: 'Watch the states of your agents',
    description: 'The state each one has, and then every change.',
    isEndless: true,
    input: contract.FollowAgents,
    output: contract.AgentEvent,
    example: runtimeExamples.events,
    run: streamAgentEvents,
  }),
  logs: defineList({
    ...read,
    name: 'agents.logs',
    summary: 'Read the logs of an agent',
    description: `Newest first. ${ofRuntime}`,
    input: contract.ListLogs,
    output: contract.LogList,
    pages: definePages({
      input: contract.FilterLogs,
      node: contract.LogEntry,
      place: placeByTime,
      list: listLogPage,
      count: countLogs,
    }),
    example: runtimeExamples.logs,
    run: listLogs,
  }),
  streamLogs: defineStream({
    ...read,
    name: 'agents.streamLogs',
    summary: 'Watch the logs of an agent being written',
    description: `The last lines, oldest first, and then each new one. ${ofRuntime}`,
    isEndless: true,
    input: contract.ListLogs,
    output: contract.LogEvent,
    example: runtimeExamples.streamLogs,
    run: streamLogs,
  }),
  updateImage: defineMutation({
    ...outside,
    name: 'agents.updateImage',
    summary: 'Update the image of an agent',
    description:
      'Saves the data, then moves the runtime to another image. If the new image does not come up, the old one is put back. An agent that is stopped stays so, and is started on the new image next.',
    input: contract.UpdateImage,
    output: contract.ImageUpdateResult,
    example: runtimeExamples.updateImage,
    run: maintenance.updateAgentImage,
  }),
  repair: defineMutation({
    ...outside,
    name: 'agents.repair',
    summary: 'Repair an agent',
    description: 'Rebuilds the runtime from its stored configuration and starts it again.',
    input: AgentRef,
    output: contract.LifecycleMessage,
    example: runtimeExamples.repair,
    run: maintenance.repairAgent,
  }),
  token: defineQuery({
    ...read,
    // Who has the token can have the agent do things.
    scope: 'agents:write',
    name: 'agents.token',
    summary: 'Get the gateway token of an agent',
    description:
      'Makes a token on first use. The token opens only this agent. An agent that runs inside the server has no gateway: 404 `NO_GATEWAY`.',
    input: AgentRef,
    output: contract.GatewayToken,
    audit: {},
    example: runtimeExamples.token,
    run: getGatewayToken,
  }),
  sync: defineMutation({
    ...outside,
    name: 'agents.sync',
    summary: 'Push skills, memory and files to the runtime',
    description: 'The counts are what the runtime confirmed.',
    input: AgentRef,
    output: contract.SyncResult,
    example: runtimeExamples.sync,
    run: syncAgent,
  }),
  configVersions: defineQuery({
    ...read,
    name: 'agents.configVersions',
    summary: 'List the configurations an agent had',
    description: 'Newest first, without secrets; the last ten are kept.',
    input: AgentRef,
    output: configs.ConfigVersions,
    example: runtimeExamples.configVersions,
    run: listConfigVersions,
  }),
  configDiff: defineQuery({
    ...read,
    name: 'agents.configDiff',
    summary: 'Compare two versions of the configuration of an agent',
    description: 'Secrets are compared but never shown.',
    input: configs.CompareConfigs,
    output: configs.ConfigDiff,
    example: runtimeExamples.configDiff,
    run: diffConfigVersions,
  }),
  restoreConfig: defineMutation({
    ...outside,
    name: 'agents.restoreConfig',
    summary: 'Give an agent an earlier configuration back',
    description: 'Becomes a new version. The next reply of the agent uses it.',
    input: configs.RestoreConfig,
    output: AgentConfig,
    example: runtimeExamples.restoreConfig,
    run: restoreAgentConfig,
  }),
}
