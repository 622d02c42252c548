import { request } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startAttackedServer, type AttackedServer } from './attacked-server.ts'

let server: AttackedServer
beforeAll(async () => {
  server = await startAttackedServer()
})
afterAll(() => server.close())

/** What each sender has ready; none of it should be wanted. */
const MAX_SENT = 500_000_000

/** Sends until it is stopped. @returns the status, and how much the server took in. */
function flood(method: string, path: string, headers: Record<string, string>): Promise<{ status: number | undefined; sent: number }> {
  const piece = Buffer.alloc(256_000)
  return new Promise((resolve) => {
    let status: number | undefined
    let sent = 0
    const outgoing = request(server.url + path, { method, headers: { ...headers, 'transfer-encoding': 'chunked' } })
    const send = () => {
      while (!outgoing.destroyed && sent < MAX_SENT && outgoing.write(piece)) sent += piece.byteLength
    }
    outgoing.on('drain', send)
    outgoing.on('response', (incoming) => {
      status = incoming.statusCode
      incoming.resume()
    })
    outgoing.on('error', () => undefined)
    outgoing.once('close', () => resolve({ status, sent }))
    send()
  })
}

test('eight endless uploads at once, by whatever method and type, are cut off', async () => {
  const form = { 'content-type': 'multipart/form-data; boundary=x' }
  const json = { 'content-type': 'application/json' }
  await server.underWatch({ maxGrowthMb: 150 }, async () => {
    for (const [method, path, headers] of [
      ['DELETE', '/api/files', form],
      ['POST', '/api/files', form],
      ['POST', '/graphql', json],
      ['POST', '/trpc/agents.create', json],
      ['POST', '/v1/chat/completions', json],
      ['GET', '/api/agents', json],
    ] as const) {
      const floods = await Promise.all(Array.from({ length: 8 }, () => flood(method, path, headers)))
      for (const { status, sent } of floods) {
        // The list of agents is for everybody; of what comes with the question nothing is taken in.
        expect(method === 'GET' ? [200] : [401, 413], `${method} ${path}`).toContain(status)
        expect(sent, `${method} ${path}`).toBeLessThan(50_000_000)
      }
    }
  })
})
