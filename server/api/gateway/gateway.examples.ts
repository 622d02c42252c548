import { exampleIds } from '#server/platform/operations/index.ts'

const call = {
  plugin: 'agent',
  agentId: exampleIds.agent,
  messages: [{ role: 'user', content: 'calculate 2 + 2' }],
} as const

const answer = {
  plugin: 'agent',
  message: '2 + 2 = 4',
  timestamp: '2026-03-02T06:40:00.000Z',
  payment: { method: 'stripe', receipt: null },
  data: { agentId: exampleIds.agent, sessionId: exampleIds.session, model: 'local/commands' },
} as const

export const examples = {
  plugins: {
    input: {},
    output: [
      {
        id: 'agent',
        description: 'Asks an agent of yours; for a caller who has none, an assistant that remembers nothing answers.',
        priceUsd: '0.05',
        auth: false,
        streaming: true,
      },
    ],
  },
  calls: {
    input: {},
    output: [
      {
        id: 'gwc_01jdx415v7s2c4zk8p9q0r1s2t',
        plugin: 'generate-text',
        timestamp: '2026-03-02T06:40:00.000Z',
        payment: { method: 'session', receipt: `session:${exampleIds.paymentSession}:v_01jdx415v7s2c4zk8p9q0r1s2t` },
        sessionId: exampleIds.paymentSession,
        priceUsd: '0.01',
        isCharged: true,
        outcome: 'answered',
        errorCode: null,
        model: 'openai/gpt-4o-mini',
        inputTokens: 12,
        outputTokens: 8,
      },
    ],
  },
  route: { input: call, output: answer },
  stream: {
    input: call,
    output: [
      { type: 'delta', text: '2 + 2' },
      { type: 'delta', text: ' = 4' },
      { type: 'done', ...answer },
    ],
  },
} as const
