import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'

const CHUNK = 64 * 1024
const repeat = (text: string): Buffer => Buffer.from(text.repeat(Math.ceil(CHUNK / text.length)))

const event = (delta: object, id = '') => `data: ${JSON.stringify({ id, choices: [{ index: 0, delta, finish_reason: null }] })}\n\n`
const eventStream = { 'content-type': 'text/event-stream' }
const json = { 'content-type': 'application/json' }

/** What of an answer is sent once, and then again and again, as fast as it is taken. */
interface Flood {
  status?: number
  headers: Record<string, string>
  first?: Buffer | string
  endless: Buffer
}

const floods = {
  'endless-line': { headers: eventStream, first: 'data: ', endless: repeat('x') },
  'endless-lines-of-one-event': { headers: eventStream, endless: repeat('data: x\n') },
  'endless-comments': { headers: eventStream, endless: repeat(': still here\n\n') },
  'endless-silence': { headers: eventStream, endless: repeat(event({})) },
  'endless-words': { headers: eventStream, endless: repeat(event({ content: 'x' })) },
  'endless-answer': { headers: json, first: '{"choices":[{"message":{"content":"', endless: repeat('x') },
  'endless-structure': { headers: json, first: '{"choices":[', endless: repeat('{},') },
  'huge-error': { status: 500, headers: json, first: '{"error":{"message":"', endless: repeat('x') },
  'gzip-bomb': { headers: { ...json, 'content-encoding': 'gzip' }, endless: gzipSync(Buffer.alloc(64 * 1024 * 1024)) },
  'gzip-bomb-of-events': {
    headers: { ...eventStream, 'content-encoding': 'gzip' },
    endless: gzipSync(Buffer.alloc(64 * 1024 * 1024, 'x')),
  },
} satisfies Record<string, Flood>

/** How it attacks: what the name of the model says it does. */
export type Attack = keyof typeof floods | 'endless-headers' | 'slow-drip'

export interface HostileProvider {
  /** Base URL, ending in `/v1`. */
  url: string
  close(): Promise<void>
}

/** A provider that means harm. Every path of it answers as the model that is asked for is called. */
export async function startHostileProvider(): Promise<HostileProvider> {
  const write = async (response: ServerResponse, chunk: Buffer | string): Promise<void> => {
    if (!response.write(chunk)) await once(response, 'drain')
  }

  async function attack(name: Attack, response: ServerResponse): Promise<void> {
    if (name === 'endless-headers') {
      response.socket!.write('HTTP/1.1 200 OK\r\n')
      while (!response.destroyed) if (!response.socket!.write(`x-more: ${'x'.repeat(8000)}\r\n`)) await once(response.socket!, 'drain')
      return
    }
    if (name === 'slow-drip') {
      response.writeHead(200, eventStream)
      const timer = setInterval(() => response.write(':'), 100)
      return void response.once('close', () => clearInterval(timer))
    }
    const { status = 200, headers, first, endless }: Flood = floods[name as keyof typeof floods]
    response.writeHead(status, headers)
    if (first) await write(response, first)
    while (!response.destroyed) await write(response, endless)
  }

  const server = createServer(async (request, response) => {
    const gone = once(response, 'close')
    let body = ''
    for await (const piece of request) body += piece
    if (request.method === 'GET') return void response.writeHead(404).end()
    const { model } = JSON.parse(body) as { model: Attack }
    await Promise.race([gone, attack(model, response).catch(() => undefined)])
  })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    close: async () => {
      server.closeAllConnections()
      await new Promise((closed) => server.close(closed))
    },
  }
}
