const timestamp = '2026-03-02T06:40:00.000Z'

export const examples = {
  health: { input: {}, output: { status: 'ok', health: 'healthy', timestamp, cpuPercent: 18.5, memoryPercent: 42.1 } },
  serviceHealth: {
    input: {},
    output: { status: 'ok', timestamp, docker: 'unavailable', provisioning: 'enabled', provider: 'builtin' },
  },
  readiness: { input: {}, output: { status: 'ready', timestamp } },
  version: { input: {}, output: { version: 'v0.1.0' } },
  openapi: { input: {}, output: { openapi: '3.1.0', info: { title: 'Agentbot API', version: '0.1.0' }, paths: {} } },
  capabilities: {
    input: {},
    output: {
      models: [{ id: 'local/commands', provider: 'local', isLocal: true }],
      defaultModel: 'local/commands',
      database: 'embedded',
      signups: 'open',
    },
  },
} as const
