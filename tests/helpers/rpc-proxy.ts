import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Stands between a server and a chain, and breaks the connection when it is told to. */
export interface RpcProxy {
  url: string
  /** While true nobody answers. */
  isDown: boolean
  /** A method whose requests reach the chain and whose answers get lost. */
  cutMethod: string | undefined
  /** What it says itself to some methods, whatever the chain would say. */
  answers: Record<string, () => Promise<unknown>>
  /** Methods that were asked for, in order. */
  asked: string[]
  close(): Promise<void>
}

export async function startRpcProxy(target: string): Promise<RpcProxy> {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const body = Buffer.concat(chunks).toString()
    const { id, method } = JSON.parse(body) as { id: number; method: string }
    proxy.asked.push(method)
    if (proxy.isDown) return request.socket.destroy()
    const own = proxy.answers[method]
    if (own) {
      const result = await own()
      return response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ jsonrpc: '2.0', id, result }))
    }
    const answer = await fetch(target, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
    const text = await answer.text()
    if (method === proxy.cutMethod) return request.socket.destroy()
    return response.writeHead(answer.status, { 'content-type': 'application/json' }).end(text)
  })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  const proxy: RpcProxy = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    isDown: false,
    cutMethod: undefined,
    answers: {},
    asked: [],
    async close() {
      server.closeAllConnections()
      await new Promise((closed) => server.close(closed))
    },
  }
  return proxy
}
