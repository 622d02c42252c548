import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { z } from 'zod'
import type { Gate } from './openai.ts'

const block = z.discriminatedUnion('type', [
  z.looseObject({ type: z.literal('text'), text: z.string().min(1) }),
  z.looseObject({ type: z.literal('tool_use'), id: z.string(), name: z.string(), input: z.looseObject({}) }),
  z.looseObject({ type: z.literal('tool_result'), tool_use_id: z.string() }),
  z.looseObject({ type: z.literal('image'), source: z.looseObject({ type: z.enum(['base64', 'url']) }) }),
])

const messagesRequest = z.looseObject({
  model: z.string().min(1),
  max_tokens: z.number().int().min(1),
  messages: z.array(z.strictObject({ role: z.enum(['user', 'assistant']), content: z.union([z.string(), z.array(block).min(1)]) })).min(1),
  stream: z.boolean().optional(),
  tools: z.array(z.looseObject({ name: z.string(), input_schema: z.looseObject({ type: z.literal('object') }) })).optional(),
})

export type MessagesRequest = z.output<typeof messagesRequest>

type Answer = string | { tool: string; input: object }
/** `whole` is answered as it is, whatever was asked for. */
type Scripted = Answer | { whole: object } | { events: (object | Gate)[]; status?: number; headers?: Record<string, string> }

export interface FakeAnthropic {
  /** Base URL, ending in `/v1`. */
  url: string
  requests: MessagesRequest[]
  /** Queues what the next requests are answered with: text, a tool call, or a whole answer, or exactly these events, where a gate is waited at. Without it, `Hello from Claude.` */
  script(...answers: Scripted[]): void
  close(): Promise<void>
}

/** `POST /v1/messages` of Anthropic, streaming or not, on a free port of 127.0.0.1. It refuses malformed requests as the real one does. */
export async function startFakeAnthropic({ apiKey }: { apiKey: string }): Promise<FakeAnthropic> {
  const requests: MessagesRequest[] = []
  const answers: Scripted[] = []
  const server = createServer(async (req, res) => {
    const refuse = (status: number, type: string, message: string) =>
      res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ type: 'error', error: { type, message } }))
    const chunks: Buffer[] = []
    for await (const chunk of req) chunks.push(chunk as Buffer)
    if (req.method !== 'POST' || req.url !== '/v1/messages') return refuse(404, 'not_found_error', 'Not found')
    if (req.headers['x-api-key'] !== apiKey) return refuse(401, 'authentication_error', 'invalid x-api-key')
    if (!req.headers['anthropic-version']) return refuse(400, 'invalid_request_error', 'anthropic-version: header is required')
    const parsed = messagesRequest.safeParse(JSON.parse(Buffer.concat(chunks).toString('utf8')))
    if (!parsed.success)
      return refuse(400, 'invalid_request_error', `${parsed.error.issues[0]?.path.join('.')}: ${parsed.error.issues[0]?.message}`)
    requests.push(parsed.data)
    const answer = answers.shift() ?? 'Hello from Claude.'
    if (typeof answer === 'object' && 'events' in answer) return sendEvents(res, answer)
    if (typeof answer === 'object' && 'whole' in answer) return sendWhole(res, answer.whole)
    if (!parsed.data.stream) {
      const whole = wholeOf(parsed.data.model, answer)
      return sendWhole(res, whole)
    }
    res.writeHead(200, { 'content-type': 'text/event-stream' })
    for (const event of eventsOf(parsed.data.model, answer)) {
      res.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`)
    }
    res.end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    requests,
    script: (...next) => void answers.push(...next),
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()))
        server.closeAllConnections()
      }),
  }
}

const sendWhole = (res: ServerResponse, whole: object) =>
  res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(whole))

async function sendEvents(
  res: ServerResponse,
  { events, status = 200, headers = {} }: Extract<Scripted, { events: unknown }>,
): Promise<void> {
  res.writeHead(status, { 'content-type': status < 400 ? 'text/event-stream' : 'application/json', ...headers })
  for (const event of events) {
    if ('pass' in event) await event.pass()
    else if (status >= 400) res.write(JSON.stringify(event))
    else res.write(`event: ${(event as { type: string }).type}\ndata: ${JSON.stringify(event)}\n\n`)
  }
  res.end()
}

function wholeOf(model: string, answer: Answer) {
  const isText = typeof answer === 'string'
  const content = [isText ? { type: 'text', text: answer } : { type: 'tool_use', id: 'toolu_1', name: answer.tool, input: answer.input }]
  const stop_reason = isText ? 'end_turn' : 'tool_use'
  const usage = { input_tokens: 10, output_tokens: 4 }
  return { id: 'msg_fake', type: 'message', role: 'assistant', model, content, stop_reason, stop_sequence: null, usage }
}

function eventsOf(model: string, answer: Answer): { type: string; [field: string]: unknown }[] {
  const isText = typeof answer === 'string'
  const message = { id: 'msg_fake', type: 'message', role: 'assistant', model, content: [], stop_reason: null, stop_sequence: null }
  const content_block = isText ? { type: 'text', text: '' } : { type: 'tool_use', id: 'toolu_1', name: answer.tool, input: {} }
  const delta = isText ? { type: 'text_delta', text: answer } : { type: 'input_json_delta', partial_json: JSON.stringify(answer.input) }
  return [
    { type: 'message_start', message: { ...message, usage: { input_tokens: 10, output_tokens: 1 } } },
    { type: 'content_block_start', index: 0, content_block },
    { type: 'content_block_delta', index: 0, delta },
    { type: 'content_block_stop', index: 0 },
    { type: 'message_delta', delta: { stop_reason: isText ? 'end_turn' : 'tool_use', stop_sequence: null }, usage: { output_tokens: 4 } },
    { type: 'message_stop' },
  ]
}
