import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Stands between a server and a chain, and breaks the connection when it is told to. */
export interface RpcProxy {
  url: string
  /** While true nobody answers. */
  isDown: boolean
  /** A method whose requests reach the chain and whose answers get lost. */
  cutMethod: string | undefined
  /** Methods that were asked for, in order. */
  asked: string[]
  close(): Promise<void>
}

export async function startRpcProxy(target: string): Promise<RpcProxy> {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const body = Buffer.concat(chunks).toString()
    const { method } = JSON.parse(body) as { method: string }
    proxy.asked.push(method)
    if (proxy.isDown) return request.socket.destroy()
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
    asked: [],
    async close() {
      server.closeAllConnections()
      await new Promise((closed) => server.close(closed))
    },
  }
  return proxy
}
