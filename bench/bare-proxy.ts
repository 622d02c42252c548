import { Agent, createServer, request as send } from 'node:http'
import type { AddressInfo } from 'node:net'

// The limit of a model gateway: a proxy that passes bytes on and knows nothing, checks nothing and counts nothing.
const upstream = new URL(process.env.UPSTREAM!)
const agent = new Agent({ keepAlive: true })

const server = createServer((request, response) => {
  const forwarded = send(
    { agent, host: upstream.hostname, port: upstream.port, path: request.url, method: request.method, headers: request.headers },
    (answer) => {
      response.writeHead(answer.statusCode!, answer.headers)
      answer.pipe(response)
    },
  )
  forwarded.on('error', (error) => response.writeHead(502).end(error.message))
  request.pipe(forwarded)
})
server.listen(0, '127.0.0.1', () => console.log(`ready at http://127.0.0.1:${(server.address() as AddressInfo).port}`))
process.on('SIGTERM', () => process.exit(0))
