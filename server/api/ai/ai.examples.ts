const timestamp = '2026-03-02T06:40:00.000Z'

const model = {
  id: 'local/commands',
  name: 'Local commands',
  provider: 'local',
  description: 'Understands a few commands; no language model.',
  tags: ['commands'],
  inputCost: 0,
  outputCost: 0,
  contextWindow: null,
  available: true,
} as const

const chat = { messages: [{ role: 'user', content: 'help' }], model: model.id, max_tokens: 60 } as const

const reply = {
  id: 'cmpl_01jdx3z3s5q0a2xk6m7n8p9q0r',
  model: model.id,
  provider: model.provider,
  message: { role: 'assistant', content: 'I understand: remember, recall, forget, calculate.' },
  usage: { prompt_tokens: 1, completion_tokens: 11, total_tokens: 12 },
  cost: 0,
  timestamp,
} as const

export const examples = {
  health: { input: {}, output: { status: 'healthy', providers: { local: true }, timestamp } },
  models: { input: {}, output: { models: [model], count: 1, timestamp } },
  modelsOf: { input: { provider: 'local' }, output: { provider: 'local', models: [model], count: 1, timestamp } },
  select: { input: { taskType: 'coding' }, output: { model, taskType: 'coding', timestamp } },
  estimate: {
    input: { model: model.id, inputTokens: 2000, outputTokens: 500 },
    output: { model: model.id, inputTokens: 2000, outputTokens: 500, estimatedCost: 0, currency: 'USD', timestamp },
  },
  chat: { input: chat, output: reply },
  streamChat: {
    input: chat,
    output: [
      { type: 'delta', text: 'I understand:' },
      { type: 'delta', text: ' remember, recall, forget, calculate.' },
      { type: 'done', ...reply },
    ],
  },
  providerKeys: { input: {}, output: [{ provider: 'openai', updatedAt: timestamp }] },
  setProviderKey: { input: { provider: 'groq', apiKey: 'gsk_q7Zd1xKexampleonly' }, output: { provider: 'groq', updatedAt: timestamp } },
  removeProviderKey: { input: { provider: 'openai' }, output: { success: true } },
} as const
