import { exampleIds } from '#server/platform/operations/index.ts'

const agent = { agentId: exampleIds.agent } as const
const timestamp = '2026-03-02T06:40:00.000Z'

const line = {
  id: 'log_01jdx437x9v4e61na0r1s2t3v4',
  timestamp,
  level: 'info',
  message: 'Started in 10 ms',
  source: 'agent',
  ...agent,
} as const

const config = { name: 'Harbour Desk', instructions: 'Answer berth questions.', model: 'local/commands' } as const

export const runtimeExamples = {
  events: {
    input: agent,
    output: [{ type: 'ready' }, { type: 'status', ...agent, status: 'running', timestamp }],
  },
  logs: { input: { ...agent, limit: 10, level: 'info' }, output: { logs: [line], total: 1, limit: 10 } },
  streamLogs: {
    input: { ...agent, limit: 10 },
    output: [
      { type: 'ready', ...agent },
      { type: 'log', ...line },
    ],
  },
  updateImage: {
    input: agent,
    output: {
      success: true,
      status: 'active',
      image: 'builtin:0.1.0',
      previousImage: 'builtin:0.1.0',
      backupPath: null,
      openclawVersion: null,
    },
  },
  repair: { input: agent, output: { success: true, message: 'Runtime rebuilt', status: 'repaired' } },
  token: { input: agent, output: { token: '12ba2f58c9d7bdfdc3fe11da35e176c9cb7f72ff44ba17167b90474c446e3470' } },
  sync: {
    input: agent,
    output: {
      success: true,
      ...agent,
      gatewayId: exampleIds.instance,
      deployedAt: timestamp,
      details: { skillsDeployed: 1, memoriesDeployed: 1, filesDeployed: 0, filesLeftOut: 0 },
    },
  },
  configVersions: { input: agent, output: [{ version: 1, createdAt: timestamp, config }] },
  configDiff: {
    input: { ...agent, from: 1, to: 1 },
    output: { from: 1, to: 1, changes: [] },
  },
  restoreConfig: { input: { ...agent, version: 1 }, output: config },
} as const
