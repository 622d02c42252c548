import { exampleIds } from '#server/platform/operations/index.ts'

const agent = { agentId: exampleIds.agent } as const
const day = '2026-03-02'
const total = { total_tokens: 246, cost_usd: 0, unpriced_calls: 0, estimated_calls: 0, uncounted_calls: 0 } as const
const ofModel = { model: 'local/commands', provider: 'local', input_tokens: 222, output_tokens: 24, ...total } as const

export const examples = {
  summary: { input: { days: 7 }, output: [{ date: day, agent_id: exampleIds.agent, agent_deleted: false, ...ofModel, turn_count: 2 }] },
  byAgent: { input: { ...agent, days: 7 }, output: [{ ...ofModel, events: 4 }] },
  byModel: { input: { days: 7 }, output: [{ ...ofModel, turns: 2 }] },
  daily: { input: {}, output: [{ date: day, ...total, turns: 2 }] },
  tools: { input: { ...agent, days: 30 }, output: [{ tool_name: 'calculate', calls: 2, successes: 2, avg_ms: 0.3 }] },
} as const
