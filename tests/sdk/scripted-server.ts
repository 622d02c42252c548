import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Connection, type ConnectionSettings } from '../../sdk/src/http.ts'

/** What came in. `body` is the parsed JSON, undefined when there was none. */
interface SeenRequest {
  method: string
  url: string
  headers: IncomingHttpHeaders
  body: unknown
}

/** Answers one request; what it leaves open stays open. */
export type Answer = (response: ServerResponse, request: SeenRequest) => void

/** A server that answers with `answers` in their order, the last one for all further requests. Close it with `await using`. */
export async function startScriptedServer(...answers: Answer[]) {
  const seen: SeenRequest[] = []
  const server = createServer(async (request, response) => {
    let text = ''
    for await (const chunk of request) text += chunk
    const { method = '', url = '', headers } = request
    const entry = { method, url, headers, body: text ? JSON.parse(text) : undefined }
    seen.push(entry)
    const answer = answers[Math.min(seen.length, answers.length) - 1]
    answer?.(response, entry)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** Answers with JSON, as the REST API does. */
export const json =
  (status: number, body: unknown, headers: Record<string, string> = {}): Answer =>
  (response) =>
    void response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))

/** Breaks the connection without an answer. */
export const reset: Answer = (response) => void response.socket?.destroy()

/** A connection that does not sleep but writes down how long it would have; its random number is always `random`. */
export function createConnection(baseUrl: string, settings: Partial<ConnectionSettings> = {}, random = 0.5) {
  const slept: number[] = []
  const connection = new Connection({
    baseUrl,
    headers: { authorization: 'Bearer sk_test' },
    timeoutMs: 5_000,
    maxRetries: 2,
    fetch,
    sleep: async (ms) => void slept.push(ms),
    random: () => random,
    now: () => Date.parse('2026-01-01T00:00:00Z'),
    ...settings,
  })
  return { connection, slept }
}
