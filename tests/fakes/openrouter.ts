import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { checkChatRequest, type ChatRequest } from './openai.checks.ts'
import type { Gate } from './openai.ts'

/** What one chat is answered, and what its record says. */
export interface Generation {
  /** Pieces of the answer; those behind a gate wait for it. */
  pieces: (string | Gate)[]
  /** The connection breaks after them, so that nobody is told what the answer took. */
  breaks?: boolean
  tokens: { prompt: number; completion: number }
  /** In US dollars. */
  cost: number
  /** How often it is asked for before it is there; for ever when it never is. */
  askedInVain?: number
}

export interface FakeOpenRouter {
  /** Base URL, ending in `/api/v1`. */
  url: string
  /** Chats, by the id each was given. */
  chats: { id: string; body: ChatRequest; apiKey: string }[]
  /** Which records were asked for, with which key. */
  lookups: { id: string; apiKey: string }[]
  /** Queues what the next chats are answered. */
  script(...generations: Generation[]): void
  /** Sets the price of a model, in US dollars a token, as its list has it. */
  setPrice(model: string, prompt: string, completion: string): void
  close(): Promise<void>
}

/** OpenRouter as far as it is used: chats that are streamed or not, records of them for the key that made them, and its list of models. */
export async function startFakeOpenRouter(...apiKeys: string[]): Promise<FakeOpenRouter> {
  const queue: Generation[] = []
  const chats: FakeOpenRouter['chats'] = []
  const lookups: FakeOpenRouter['lookups'] = []
  const records = new Map<string, { apiKey: string; left: number; record: object }>()
  const prices = new Map<string, { prompt: string; completion: string }>()

  async function handle(req: IncomingMessage, res: ServerResponse) {
    const text = await readText(req)
    const url = new URL(req.url ?? '', 'http://localhost')
    const apiKey = /^Bearer (.+)$/.exec(req.headers.authorization ?? '')?.[1] ?? ''
    const route = `${req.method} ${url.pathname}`
    if (route === 'GET /api/v1/models') return send(res, 200, { data: [...prices].map(toListed) })
    if (!apiKeys.includes(apiKey)) return refuse(res, 401, apiKey ? 'User not found.' : 'No auth credentials found')
    if (route === 'GET /api/v1/generation') return lookUp(res, url, apiKey)
    if (route !== 'POST /api/v1/chat/completions') return refuse(res, 404, 'Not Found')
    const body: unknown = text === '' ? undefined : JSON.parse(text)
    const problem = checkChatRequest(body)
    if (problem) return refuse(res, 400, problem)
    await answer(res, body as ChatRequest, apiKey)
  }

  function lookUp(res: ServerResponse, { searchParams }: URL, apiKey: string) {
    const id = searchParams.get('id')
    if (!id || [...searchParams.keys()].length > 1) return refuse(res, 400, 'Invalid input: expected string, received undefined at "id"')
    lookups.push({ id, apiKey })
    const known = records.get(id)
    if (!known || known.apiKey !== apiKey || known.left-- > 0) return refuse(res, 404, `Generation ${id} not found`)
    send(res, 200, { data: known.record })
  }

  async function answer(res: ServerResponse, body: ChatRequest, apiKey: string) {
    const generation = queue.shift() ?? { pieces: ['Bowline.'], tokens: { prompt: 3, completion: 2 }, cost: 0 }
    const { pieces, breaks = false, tokens, cost, askedInVain = 0 } = generation
    const id = `gen-${1_764_000_000 + chats.length}-${'AbCdEfGhIjKlMnOp'}`
    chats.push({ id, body, apiKey })
    records.set(id, { apiKey, left: askedInVain, record: recordOf(id, body, generation) })
    const usage = {
      prompt_tokens: tokens.prompt,
      completion_tokens: tokens.completion,
      total_tokens: tokens.prompt + tokens.completion,
      cost,
      is_byok: false,
    }
    const head = { id, provider: 'Novita', model: body.model, created: 1_764_000_000 }
    const isStream = body.stream === true
    res.writeHead(200, { 'content-type': isStream ? 'text/event-stream' : 'application/json', 'x-generation-id': id })
    const write = (part: object) =>
      new Promise<void>((written) =>
        res.write(`data: ${JSON.stringify({ ...head, object: 'chat.completion.chunk', ...part })}\n\n`, () => written()),
      )
    if (isStream) res.write(': OPENROUTER PROCESSING\n\n')
    else res.flushHeaders()
    let said = ''
    for (const piece of pieces) {
      if (typeof piece !== 'string') await piece.pass()
      else if (isStream) await write({ choices: [{ index: 0, delta: { role: 'assistant', content: piece }, finish_reason: null }] })
      if (typeof piece === 'string') said += piece
    }
    if (breaks) return void res.socket?.resetAndDestroy()
    const finish = { finish_reason: 'stop', native_finish_reason: 'stop' }
    if (!isStream) {
      const choices = [{ index: 0, message: { role: 'assistant', content: said, refusal: null }, ...finish }]
      return void res.end(JSON.stringify({ ...head, object: 'chat.completion', choices, usage }))
    }
    await write({ choices: [{ index: 0, delta: { role: 'assistant', content: '' }, ...finish }] })
    await write({ choices: [{ index: 0, delta: { role: 'assistant', content: '' }, finish_reason: null }], usage })
    res.end('data: [DONE]\n\n')
  }

  const server = createServer((req, res) => {
    handle(req, res).catch((error: unknown) => res.destroy(error instanceof Error ? error : undefined))
  })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v1`,
    chats,
    lookups,
    script: (...generations) => void queue.push(...generations),
    setPrice: (model, prompt, completion) => void prices.set(model, { prompt, completion }),
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()))
        server.closeAllConnections()
      }),
  }
}

const recordOf = (id: string, { model, stream }: ChatRequest, { tokens, cost, breaks = false }: Generation) => ({
  id,
  upstream_id: 'chatcmpl-791bcf62',
  total_cost: cost,
  usage: cost,
  cache_discount: null,
  upstream_inference_cost: 0,
  created_at: '2026-11-24T23:33:19.433273+00:00',
  model,
  streamed: stream === true,
  cancelled: breaks,
  provider_name: 'Novita',
  finish_reason: breaks ? null : 'stop',
  native_finish_reason: breaks ? null : 'stop',
  // Of a tokenizer all models share, for comparison; nobody is charged by it.
  tokens_prompt: tokens.prompt + 7,
  tokens_completion: tokens.completion + 7,
  native_tokens_prompt: tokens.prompt,
  native_tokens_completion: tokens.completion,
  native_tokens_reasoning: 0,
  native_tokens_cached: 0,
  is_byok: false,
})

const toListed = ([id, pricing]: [string, { prompt: string; completion: string }]) => ({
  id,
  name: id,
  description: '',
  created: 1_700_000_000,
  context_length: 128_000,
  pricing,
  architecture: { input_modalities: ['text'], output_modalities: ['text'] },
})

function send(res: ServerResponse, status: number, body: object) {
  res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

const refuse = (res: ServerResponse, status: number, message: string) => send(res, status, { error: { message, code: status } })

async function readText(req: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of req) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}
