const model = { id: 'local/commands', object: 'model', created: 0, owned_by: 'local' } as const

const request = { model: model.id, messages: [{ role: 'user', content: 'help' }] } as const

const head = { id: 'chatcmpl_01jdx404t6r1b3yk7n8p9q0r1s', created: 1_772_433_600, model: model.id } as const
const chunk = { ...head, object: 'chat.completion.chunk' } as const
const usage = { prompt_tokens: 1, completion_tokens: 11, total_tokens: 12, cost: 0 } as const
const content = 'I understand: remember, recall, forget, calculate.'

export const examples = {
  models: { input: {}, output: { object: 'list', data: [model] } },
  model: { input: { model: model.id }, output: model },
  complete: {
    input: request,
    output: {
      ...head,
      object: 'chat.completion',
      choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
      usage,
    },
  },
  stream: {
    input: { ...request, stream: true },
    output: [
      { ...chunk, choices: [{ index: 0, delta: { role: 'assistant', content: '' }, finish_reason: null }] },
      { ...chunk, choices: [{ index: 0, delta: { content }, finish_reason: null }] },
      { ...chunk, choices: [{ index: 0, delta: {}, finish_reason: 'stop' }], usage },
    ],
  },
  // The one example that needs a provider: this server makes no embeddings itself.
  embed: {
    input: { input: 'slack water' },
    output: {
      object: 'list',
      data: [{ object: 'embedding', index: 0, embedding: [0.11, 1.15, 0.02] }],
      model: 'openai/text-embedding-3-small',
      usage: { prompt_tokens: 2, total_tokens: 2 },
    },
  },
} as const
