import { exampleIds } from '#server/platform/operations/index.ts'

const account = { userId: exampleIds.account } as const
const timestamp = '2026-03-02T06:40:00.000Z'

export const examples = {
  platform: {
    input: {},
    output: {
      metrics: {
        agents: { total: 2, active: 1, inactive: 1, failed: 0 },
        messages: { today: 12, thisWeek: 80, thisMonth: 320 },
        deployments: { total: 2, successful: 2, failed: 0 },
        uptime: { platformUptime: 99.98, averageAgentUptime: 97.5 },
        performance: { averageResponseTime: 840, successRate: 99.2, errorRate: 0.8, cpu: 18.5, memory: 42.1 },
        storage: { used: 12.5, total: 4096, percentUsed: 0.31 },
      },
      timestamp,
      status: 'ok',
      plan: 'solo',
    },
  },
  stats: {
    input: {},
    output: {
      cpu: 18.5,
      memory: 42.1,
      uptime: 86_400,
      messages: 320,
      errors: 3,
      health: 'healthy',
      timestamp,
      deployment: { provider: 'self-hosted', environment: 'production' },
      runtime: {
        platform: 'linux',
        arch: 'x64',
        rssMb: 856.67,
        node: 'v24.21.0',
        heapUsedMb: 273.17,
        heapTotalMb: 388.95,
        externalMb: 253.99,
      },
    },
  },
  history: {
    input: { ...account, range: '7d' },
    output: {
      ...account,
      timeRange: '7d',
      metrics: [{ timestamp: '2026-03-02T06:00:00.000Z', cpu: 18.5, memory: 42.1, messages: 12, errors: 0 }],
      averages: { cpu: 18.5, memory: 42.1, messages: 12, errors: 0 },
    },
  },
  performance: { input: account, output: { cpu: 18.5, memory: 42.1, errorRate: 0.8, responseTime: 840 } },
  summary: {
    input: account,
    output: {
      revenue: { month: '$0.00', total: '$0.00', change: null },
      bookings: { completed: 0, pending: 0, conversion: null },
      fans: { total: 0, active: 0, growth: null, segmentation: { superfans: 0, casual: 0, new: 0 } },
      streams: { monthlyListeners: null, monthlyStreams: 0, growth: null },
      skills: { active: 1, total: 1, growth: null },
    },
  },
} as const
