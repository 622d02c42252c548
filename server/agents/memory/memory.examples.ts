import { exampleIds } from '#server/platform/operations/index.ts'

const agent = { agentId: exampleIds.agent } as const
const saved = '2026-03-02T06:40:00.000Z'

export const examples = {
  get: {
    input: agent,
    output: { memory: { berth: 9, tone: 'brief' }, ...agent, count: 2, lastUpdated: saved, nextCursor: null },
  },
  store: {
    input: { ...agent, values: { berth: 9, tone: 'brief' } },
    output: { ...agent, keys: ['berth', 'tone'], saved },
  },
  delete: { input: { ...agent, key: 'berth' }, output: { success: true } },
} as const
