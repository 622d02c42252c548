import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { checkChatRequest, checkEmbeddingRequest } from './openai.checks.ts'
import type { ChatRequest, EmbeddingRequest } from './openai.checks.ts'

/** One answer, in the order the requests arrive. What is not scripted is answered with `Echo: <last user message>`. */
export type Behaviour =
  /** With `keepsLimit` it counts no more tokens of an answer than the request allows, as real ones do; with a gate each piece waits for it. */
  | { kind: 'text'; text: string | string[]; usage?: Usage | null; keepsLimit?: boolean; gate?: Gate }
  | { kind: 'tool'; name: string; arguments: unknown }
  | { kind: 'status'; status: number; message?: string }
  | { kind: 'garbage' }
  /** Sends the text, then breaks the connection (`how: 'reset'`) or ends the stream without a finish reason. */
  | { kind: 'cut'; text: string; how?: 'reset' | 'end' }
  | { kind: 'empty' }
  /** Sends nothing, not even headers, until `gate.open()`; then answers `text`. */
  | { kind: 'hang'; gate: Gate; text?: string }
  /** Sends exactly that, packet by packet, whatever was asked for. What is sent to a gate waits for it. */
  | { kind: 'raw'; status?: number; headers?: Record<string, string>; packets: (string | Buffer | Gate)[]; end?: 'reset' }
  /** Sends one chunk each time `gate.open()` is called, and the end at the last opening. */
  | { kind: 'slow'; chunks: string[]; gate: Gate }

export interface Usage {
  prompt_tokens: number
  completion_tokens: number
  total_tokens: number
}

/** A turnstile: each `open()` lets one `pass()` through, in either order. */
export interface Gate {
  open(): void
  pass(): Promise<void>
}

export function createGate(): Gate {
  let credit = 0
  const waiting: (() => void)[] = []
  return {
    open() {
      const next = waiting.shift()
      if (next) next()
      else credit += 1
    },
    pass() {
      if (credit > 0) {
        credit -= 1
        return Promise.resolve()
      }
      return new Promise((resolve) => waiting.push(resolve))
    },
  }
}

/** What one request looked like. `body` is undefined for a GET; `disconnected` settles when the client went away before the answer's end. */
export interface RecordedRequest {
  method: string
  path: string
  authorization: string | undefined
  body: ChatRequest | undefined
  disconnected: Promise<void>
}

export interface FakeOpenAi {
  /** Base URL, ending in `/v1`. */
  url: string
  requests: RecordedRequest[]
  /** Queues behaviours for the next chat requests. */
  script(...behaviours: Behaviour[]): void
  /** Forgets what was scripted and not asked for. */
  unscript(): void
  /** Resolves with the request of that index (0 is the first), once it has arrived. */
  request(index: number): Promise<RecordedRequest>
  close(): Promise<void>
}

export interface FakeOpenAiOptions {
  /** Bearer key it demands; without it any or none is accepted. */
  apiKey?: string
  /** Ids that GET /models lists and chat accepts. Without it chat accepts any id and /models lists `fake-model`. */
  models?: string[]
}

/**
 * An OpenAI-compatible server on a free port of 127.0.0.1: `GET /v1/models`,
 * `POST /v1/chat/completions`, streaming or not, and `POST /v1/embeddings`. It refuses malformed requests as the real one does.
 */
export async function startFakeOpenAi({ apiKey, models }: FakeOpenAiOptions = {}): Promise<FakeOpenAi> {
  const queue: Behaviour[] = []
  const requests: RecordedRequest[] = []
  const arrivals: { index: number; resolve: (request: RecordedRequest) => void }[] = []

  const record = (request: RecordedRequest) => {
    const index = requests.push(request) - 1
    for (const arrival of arrivals) if (arrival.index === index) arrival.resolve(request)
  }

  async function handle(req: IncomingMessage, res: ServerResponse) {
    const disconnected = new Promise<void>((resolve) => res.once('close', () => !res.writableFinished && resolve()))
    const text = await readText(req)
    const body = text === '' ? undefined : parseJson(text)
    const { method = '', url: path = '' } = req
    const { authorization } = req.headers
    record({ method, path, authorization, body: body as ChatRequest | undefined, disconnected })

    if (apiKey && authorization !== `Bearer ${apiKey}`) {
      return refuse(res, 401, 'Incorrect API key provided.', 'invalid_request_error', 'invalid_api_key')
    }
    if (path === '/v1/models') {
      if (method !== 'GET') return refuse(res, 405, `Not allowed to ${method} on /v1/models`)
      return send(res, 200, {
        object: 'list',
        data: (models ?? ['fake-model']).map((id) => ({ id, object: 'model', created: 0, owned_by: 'fake' })),
      })
    }
    if (path === '/v1/embeddings') {
      const problem = checkEmbeddingRequest(body)
      if (problem) return refuse(res, 400, problem)
      const behaviour = queue[0]?.kind === 'status' ? queue.shift() : undefined
      if (behaviour?.kind === 'status') return refuse(res, behaviour.status, `Scripted ${behaviour.status}`, 'server_error')
      return send(res, 200, embed(body as unknown as EmbeddingRequest))
    }
    if (path !== '/v1/chat/completions') return refuse(res, 404, `Invalid URL (${method} ${path})`)
    if (method !== 'POST') return refuse(res, 405, `Not allowed to ${method} on /v1/chat/completions`)
    if (!req.headers['content-type']?.startsWith('application/json')) return refuse(res, 400, 'Content-Type must be application/json.')
    const [next] = queue
    if (next?.kind === 'raw') {
      queue.shift()
      return sendRaw(res, next)
    }
    const problem = checkChatRequest(body)
    if (problem) return refuse(res, 400, problem)
    const chat = body as ChatRequest
    if (models && !models.includes(chat.model)) {
      return refuse(res, 404, `The model \`${chat.model}\` does not exist`, 'invalid_request_error', 'model_not_found')
    }
    queue.shift()
    await answer(res, chat, next ?? { kind: 'text', text: `Echo: ${lastUserText(chat)}` })
  }

  const server = createServer((req, res) => {
    handle(req, res).catch((error: unknown) => res.destroy(error instanceof Error ? error : undefined))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo

  return {
    url: `http://127.0.0.1:${port}/v1`,
    requests,
    script: (...behaviours) => void queue.push(...behaviours),
    unscript: () => void (queue.length = 0),
    request: (index) => {
      const known = requests[index]
      return known ? Promise.resolve(known) : new Promise((resolve) => arrivals.push({ index, resolve }))
    },
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()))
        server.closeAllConnections()
      }),
  }
}

async function answer(res: ServerResponse, chat: ChatRequest, behaviour: Exclude<Behaviour, { kind: 'raw' }>): Promise<void> {
  switch (behaviour.kind) {
    case 'status':
      return refuse(
        res,
        behaviour.status,
        behaviour.message ?? `Scripted ${behaviour.status}`,
        behaviour.status >= 500 ? 'server_error' : 'requests',
      )
    case 'garbage':
      res.writeHead(200, { 'content-type': chat.stream ? 'text/event-stream' : 'application/json' })
      return void res.end(chat.stream ? 'data: \u0000not json\n\n' : '\u0000not json')
    case 'cut':
      return cut(res, chat, behaviour)
    case 'hang':
      await behaviour.gate.pass()
      return reply(res, chat, { pieces: [behaviour.text ?? 'Released.'] })
    case 'slow':
      return reply(res, chat, { pieces: behaviour.chunks, gate: behaviour.gate })
    case 'empty':
      return reply(res, chat, { pieces: [] })
    case 'tool':
      return reply(res, chat, { pieces: [], tool: behaviour })
    case 'text':
      return reply(res, chat, {
        pieces: [behaviour.text].flat(),
        usage: behaviour.keepsLimit ? limited(chat, behaviour.usage) : behaviour.usage,
        ...(behaviour.gate ? { gate: behaviour.gate } : {}),
      })
  }
}

/** What an answer takes that keeps to the limit of its request. */
function limited(chat: ChatRequest, usage: Usage | null | undefined): Usage | null | undefined {
  const limit = Number(chat.max_completion_tokens ?? chat.max_tokens ?? Infinity)
  if (!usage) return usage
  const completion_tokens = Math.min(usage.completion_tokens, limit)
  return { ...usage, completion_tokens, total_tokens: usage.prompt_tokens + completion_tokens }
}

/** Vectors of three numbers that depend on the text, one token per word. */
function embed({ model, input, encoding_format: format = 'float' }: EmbeddingRequest) {
  const vectors = [input].flat().map((text) => [text.length, text.charCodeAt(0), countWords(text)].map((value) => value / 100))
  const tokens = [input].flat().reduce((sum, text) => sum + countWords(text), 0)
  const toBase64 = (vector: number[]) => Buffer.from(new Float32Array(vector).buffer).toString('base64')
  return {
    object: 'list',
    model,
    data: vectors.map((vector, index) => ({ object: 'embedding', index, embedding: format === 'base64' ? toBase64(vector) : vector })),
    usage: { prompt_tokens: tokens, total_tokens: tokens },
  }
}

interface Reply {
  pieces: string[]
  tool?: { name: string; arguments: unknown }
  usage?: Usage | null
  gate?: Gate
}

/** One token per word, which makes the figures easy to predict. */
const countWords = (text: string) => text.split(/\s+/).filter(Boolean).length

async function reply(res: ServerResponse, chat: ChatRequest, { pieces, tool, usage, gate }: Reply): Promise<void> {
  const toolCall = tool && { id: 'call_1', type: 'function', function: { name: tool.name, arguments: JSON.stringify(tool.arguments) } }
  const prompt = countWords(chat.messages.map((message) => (typeof message.content === 'string' ? message.content : '')).join(' '))
  const completion = countWords(pieces.join(''))
  const spent = usage === undefined ? { prompt_tokens: prompt, completion_tokens: completion, total_tokens: prompt + completion } : usage
  const finishReason = toolCall ? 'tool_calls' : 'stop'
  if (!chat.stream) {
    await gate?.pass()
    const message = { role: 'assistant', content: toolCall ? null : pieces.join(''), ...(toolCall && { tool_calls: [toolCall] }) }
    return send(res, 200, {
      ...head(chat, 'chat.completion'),
      choices: [{ index: 0, message, finish_reason: finishReason }],
      usage: spent ?? undefined,
    })
  }
  const write = openStream(res, chat)
  write({ role: 'assistant', content: '' })
  for (const piece of pieces) {
    await gate?.pass()
    write({ content: piece })
  }
  await gate?.pass()
  if (toolCall) write({ tool_calls: [{ index: 0, ...toolCall }] })
  write({}, finishReason)
  if (chat.stream_options?.include_usage && spent) {
    res.write(`data: ${JSON.stringify({ ...head(chat, 'chat.completion.chunk'), choices: [], usage: spent })}\n\n`)
  }
  res.end('data: [DONE]\n\n')
}

async function cut(
  res: ServerResponse,
  chat: ChatRequest,
  { text, how = 'reset' }: { text: string; how?: 'reset' | 'end' },
): Promise<void> {
  const write = openStream(res, chat)
  write({ role: 'assistant', content: '' })
  // Waits for the flush: a reset would otherwise overtake the text.
  await new Promise<void>((resolve) => write({ content: text }, null, resolve))
  if (how === 'end') return void res.end()
  res.socket?.resetAndDestroy()
}

/** A packet leaves by itself: the next one is written only once the one before is out, and a moment later. */
async function sendRaw(
  res: ServerResponse,
  { status = 200, headers = {}, packets, end }: Extract<Behaviour, { kind: 'raw' }>,
): Promise<void> {
  res.writeHead(status, { 'content-type': 'text/event-stream', ...headers })
  res.socket?.setNoDelay(true)
  for (const packet of packets) {
    if (typeof packet === 'object' && 'pass' in packet) await packet.pass()
    else await new Promise<void>((resolve) => res.write(packet, () => setImmediate(resolve)))
  }
  if (end === 'reset') res.socket?.resetAndDestroy()
  else res.end()
}

/** Starts an event stream; the function it returns writes one chunk. */
function openStream(res: ServerResponse, chat: ChatRequest) {
  res.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' })
  return (delta: object, finishReason: string | null = null, flushed?: () => void) => {
    const choices = [{ index: 0, delta, finish_reason: finishReason }]
    res.write(`data: ${JSON.stringify({ ...head(chat, 'chat.completion.chunk'), choices })}\n\n`, () => flushed?.())
  }
}

const head = (chat: ChatRequest, object: string) => ({ id: 'chatcmpl-fake', object, created: 0, model: chat.model })

function send(res: ServerResponse, status: number, body: object) {
  res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

function refuse(res: ServerResponse, status: number, message: string, type = 'invalid_request_error', code: string | null = null) {
  send(res, status, { error: { message, type, param: null, code } })
}

async function readText(req: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of req) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function lastUserText(chat: ChatRequest): string {
  const content = chat.messages.findLast((message) => message.role === 'user')?.content
  return typeof content === 'string' ? content : (content ?? []).map((part) => part.text ?? '').join('')
}
