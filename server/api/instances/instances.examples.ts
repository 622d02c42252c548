import { exampleIds } from '#server/platform/operations/index.ts'

const instance = { userId: exampleIds.instance } as const
const url = `https://agents.example.org/agents/${exampleIds.agent}`
const createdAt = '2026-03-02T06:40:00.000Z'
const token = '12ba2f58c9d7bdfdc3fe11da35e176c9cb7f72ff44ba17167b90474c446e3470'

export const examples = {
  provision: {
    input: { autoProvision: true, plan: 'collective' },
    output: {
      success: true,
      ...instance,
      subdomain: 'agents.example.org',
      url,
      agentId: exampleIds.agent,
      id: exampleIds.agent,
      aiProvider: 'local',
      plan: 'collective',
      status: 'running',
      createdAt,
      metadata: { channels: { telegram: 'disabled', discord: 'disabled', whatsapp: 'disabled' } },
    },
  },
  own: { input: {}, output: { openclawUrl: null, openclawInstanceId: exampleIds.instance, gatewayToken: token } },
  get: {
    input: instance,
    output: {
      ...instance,
      status: 'running',
      startedAt: createdAt,
      subdomain: 'agents.example.org',
      url,
      plan: 'collective',
      openclawVersion: null,
    },
  },
  start: { input: instance, output: { success: true, status: 'active' } },
  stop: { input: instance, output: { success: true, status: 'stopped' } },
  restart: {
    input: instance,
    output: { success: true, status: 'active', healedLegacyModel: false, healMessage: 'skip', openclawVersion: null },
  },
  updateImage: {
    input: instance,
    output: {
      success: true,
      status: 'active',
      image: 'builtin:0.1.0',
      previousImage: 'builtin:0.1.0',
      backupPath: null,
      openclawVersion: null,
    },
  },
  repair: { input: instance, output: { success: true, message: 'Runtime rebuilt', status: 'repaired' } },
  resetMemory: { input: instance, output: { success: true, message: 'Memory cleared: 1 value', status: 'reset' } },
  token: { input: instance, output: { token } },
  stats: {
    input: instance,
    output: {
      ...instance,
      cpu: '2.40%',
      memory: null,
      status: 'running',
      plan: 'collective',
      openclawVersion: null,
      health: 'healthy',
      uptime: 86_400_000,
      messages: 128,
      errors: 1,
    },
  },
} as const
