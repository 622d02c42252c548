import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

export interface TolerantProvider {
  url: string
  /** Bodies it was sent, in order. */
  bodies: Record<string, unknown>[]
  /** What it answers to a path such as `/embeddings` from now on. */
  answer(path: string, body: unknown): void
  close(): Promise<void>
}

const completion = {
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1_715_000_000,
  model: 'any',
  choices: [{ index: 0, message: { role: 'assistant', content: 'Bowline.' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 3, completion_tokens: 1, total_tokens: 4 },
}

/** A server with the OpenAI protocol that takes whatever it is sent, as many of the operator's own do, and answers what it is told to. */
export async function startTolerantProvider(): Promise<TolerantProvider> {
  const bodies: Record<string, unknown>[] = []
  const answers = new Map<string, unknown>([['/chat/completions', completion]])
  const server = createServer((request, response) => {
    void text(request).then((sent) => {
      if (sent !== '') bodies.push(JSON.parse(sent) as Record<string, unknown>)
      const known = answers.get(request.url ?? '')
      response.writeHead(known === undefined ? 404 : 200, { 'content-type': 'application/json' }).end(JSON.stringify(known ?? {}))
    })
  })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    bodies,
    answer: (path, body) => void answers.set(path, body),
    close: () => new Promise((closed) => (server.closeAllConnections(), server.close(() => closed()))),
  }
}
