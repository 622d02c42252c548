import { exampleIds } from '#server/platform/operations/index.ts'

export const examples = {
  index: {
    input: {},
    output: {
      apiVersion: '1.0.0',
      agentbotVersion: '0.1.0',
      endpoints: { 'GET /api/agent?action=health': 'State of the runtime' },
    },
  },
  chat: {
    input: { message: 'calculate 2 + 2', sessionId: exampleIds.session, agentId: exampleIds.agent },
    output: { sessionId: exampleIds.session, reply: '2 + 2 = 4', timestamp: 1_772_433_600_000 },
  },
} as const
