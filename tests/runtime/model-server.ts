import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A `/v1` on a free port of every address of this machine, which containers can reach. `keys` are the credentials it was shown. */
export async function startModelServer() {
  const keys: (string | undefined)[] = []
  const server = createServer((request, response) => {
    keys.push(request.headers.authorization)
    const chunks: Buffer[] = []
    request
      .on('data', (chunk: Buffer) => chunks.push(chunk))
      .on('end', () => {
        const { model } = JSON.parse(Buffer.concat(chunks).toString('utf8')) as { model: string }
        response.writeHead(request.url === '/v1/chat/completions' ? 200 : 404, { 'content-type': 'application/json' })
        response.end(JSON.stringify({ choices: [{ message: { role: 'assistant', content: `Hello from ${model}` } }] }))
      })
  })
  await new Promise<void>((done) => server.listen(0, '0.0.0.0', done))
  return {
    port: (server.address() as AddressInfo).port,
    keys,
    close: () => new Promise<void>((done) => server.close(() => done())),
  }
}
