import { exampleIds } from '#server/platform/operations/index.ts'
import { runtimeExamples } from './runtime.examples.ts'

const ref = { agentId: exampleIds.agent } as const
const createdAt = '2026-03-02T06:40:00.000Z'

const config = { name: 'Harbour Desk', instructions: 'Answer berth questions.', model: 'local/commands', temperature: 0.3 } as const

const agent = {
  id: exampleIds.agent,
  name: config.name,
  model: config.model,
  status: 'running',
  websocketUrl: null,
  statusReason: null,
  statusSeenAt: null,
  createdAt,
  updatedAt: createdAt,
} as const

const detail = {
  ...agent,
  startedAt: createdAt,
  plan: 'solo',
  aiProvider: 'local',
  subdomain: 'agents.example.org',
  url: `https://agents.example.org/agents/${exampleIds.agent}`,
  openclawVersion: null,
  verified: false,
  verificationType: null,
  attestationUid: null,
  verifiedAt: null,
} as const

export const examples = {
  ...runtimeExamples,
  list: { input: {}, output: [agent] },
  provisioned: { input: {}, output: [agent] },
  get: { input: ref, output: detail },
  create: {
    input: { name: config.name, config: { aiProvider: 'local', instructions: config.instructions, plan: 'solo' } },
    output: { ...detail, status: 'pending', startedAt: null },
  },
  provision: {
    input: { name: config.name, model: config.model, config: { instructions: config.instructions }, tier: 'pro' },
    output: detail,
  },
  update: { input: { ...ref, plan: 'solo', aiProvider: 'local', config: { temperature: 0.3 } }, output: detail },
  delete: { input: ref, output: { id: exampleIds.agent, deleted: true } },
  config: { input: ref, output: config },
  updateConfig: { input: { ...ref, config: { model: config.model, temperature: 0.3 } }, output: config },
  stats: {
    input: ref,
    output: {
      ...ref,
      cpu: '2.40%',
      memory: null,
      memoryPercent: null,
      network: null,
      uptime: 86_400_000,
      uptimeFormatted: '1d 0h',
      status: 'running',
      pids: null,
      messagesProcessed: 128,
      messagesPerHour: 5.3,
      averageResponseTime: 840,
      successRate: '99.22',
      errorRate: '0.78',
      cpuTimeMs: 1200,
      wallTimeMs: 107_520,
      storedBytes: 20_480,
      queueLength: 0,
      inputTokens: 52_000,
      outputTokens: 9000,
      estimatedCalls: 0,
      uncountedCalls: 0,
      timestamp: createdAt,
    },
  },
  start: { input: ref, output: { success: true, status: 'active' } },
  stop: { input: ref, output: { success: true, status: 'stopped' } },
  restart: {
    input: ref,
    output: { success: true, status: 'active', healedLegacyModel: false, healMessage: 'skip', openclawVersion: null },
  },
  resetMemory: { input: ref, output: { success: true, status: 'reset', message: 'Memory cleared: 1 value' } },
  health: {
    input: ref,
    output: {
      status: 'running',
      version: '0.1.0',
      apiVersion: '1.0.0',
      uptime: 86_400,
      model: config.model,
      reason: null,
      channels: [],
      skills: ['venue-finder'],
      lastSeen: 1_772_433_600_000,
    },
  },
  skills: {
    input: ref,
    output: [{ id: 'venue-finder', name: 'Venue finder', description: 'Finds venues near a place.', enabled: true }],
  },
  switchSkill: {
    input: { ...ref, skillId: 'venue-finder', enabled: false },
    output: { success: true, skillId: 'venue-finder', enabled: false },
  },
  credentials: {
    input: ref,
    output: {
      anthropic: true,
      openai: false,
      openrouter: false,
      google: false,
      telegram: false,
      discord: false,
      whatsapp: false,
      others: [],
    },
  },
  setCredential: {
    input: { ...ref, key: 'anthropic', value: 'sk-ant-exampleonly' },
    output: { success: true, key: 'anthropic', configured: true },
  },
} as const
