import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface FakeModelLists {
  url: string
  /** Paths that were asked, in order. */
  asked: string[]
  /** From now on it answers with this status. */
  fail(status: number | undefined): void
  close(): Promise<void>
}

const openRouterModel = (id: string, name: string, description: string, context: number, prompt: string, completion: string) => ({
  id,
  name,
  description,
  created: 1_700_000_000,
  context_length: context,
  pricing: { prompt, completion },
  architecture: { input_modalities: ['text'], output_modalities: ['text'] },
})

/** What the providers' lists of models look like, each under a path of its own; a wrong key is refused as the real ones do. */
const lists: Record<string, { header: string; value: string; body: unknown }> = {
  '/openrouter/models': {
    header: 'authorization',
    value: 'Bearer or-key',
    body: {
      data: [
        openRouterModel('openai/gpt-4o-mini', 'OpenAI: GPT-4o-mini', 'Small and quick. More words.', 128_000, '0.0000002', '0.0000008'),
        openRouterModel('qwen/coder', 'Qwen Coder', 'A model for coding.', 262_144, '0.000001', '0.000002'),
        openRouterModel('openrouter/auto', 'Auto Router', 'Picks a model.', 2_000_000, '-1', '-1'),
        { ...openRouterModel('some/painter', 'Painter', '', 1000, '0', '0'), architecture: { output_modalities: ['image'] } },
      ],
    },
  },
  '/openai/models': {
    header: 'authorization',
    value: 'Bearer oa-key',
    body: {
      object: 'list',
      data: ['gpt-4o', 'gpt-new', 'whisper-1', 'text-embedding-3-small'].map((id) => ({ id, object: 'model', created: 1_715_000_000 })),
    },
  },
  '/anthropic/models?limit=1000': {
    header: 'x-api-key',
    value: 'an-key',
    body: {
      data: [{ id: 'claude-haiku-4-5', type: 'model', display_name: 'Claude Haiku 4.5', created_at: '2025-10-01T00:00:00Z' }],
      has_more: false,
    },
  },
  '/gemini/models?pageSize=1000': {
    header: 'x-goog-api-key',
    value: 'ge-key',
    body: {
      models: [
        {
          name: 'models/gemini-2.5-flash',
          displayName: 'Gemini 2.5 Flash',
          inputTokenLimit: 1_048_576,
          supportedGenerationMethods: ['generateContent'],
        },
        {
          name: 'models/gemini-embedding-001',
          displayName: 'Gemini Embedding',
          inputTokenLimit: 2048,
          supportedGenerationMethods: ['embedContent'],
        },
        { name: 'models/aqa', supportedGenerationMethods: ['generateAnswer'] },
      ],
    },
  },
  '/groq/models': {
    header: 'authorization',
    value: 'Bearer gr-key',
    body: {
      data: [
        { id: 'llama-3.1-8b-instant', context_window: 131_072, active: true },
        { id: 'retired', context_window: 1, active: false },
      ],
    },
  },
  '/ollama/api/tags': { header: '', value: '', body: { models: [{ name: 'llama3:8b', details: { parameter_size: '8.0B' } }] } },
}

/** Model lists of all providers at one address. */
export async function startFakeModelLists(): Promise<FakeModelLists> {
  const asked: string[] = []
  let failure: number | undefined
  const server = createServer((request, response) => {
    const path = request.url ?? ''
    asked.push(path)
    const list = lists[path]
    const isAllowed = list && (list.header === '' || request.headers[list.header] === list.value)
    const status = failure ?? (!list ? 404 : isAllowed ? 200 : 401)
    response
      .writeHead(status, { 'content-type': 'application/json' })
      .end(JSON.stringify(status === 200 ? list!.body : { error: { message: 'no' } }))
  })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    fail: (status) => void (failure = status),
    close: () => new Promise((closed) => (server.closeAllConnections(), server.close(() => closed()))),
  }
}
