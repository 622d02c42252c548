import { once } from 'node:events'
import type { RequestListener, Server } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { createHttpServer } from './http-server.ts'
import { createListener } from './listener.ts'

const quick = {
  headersMs: 100,
  bodyGraceMs: 100,
  minBodyBytesPerSecond: 1000,
  maxReadPauseMs: 100,
  lingerMs: 100,
  maxLingerBytes: 1_000_000,
  checkMs: 10,
}

let server: Server
afterEach(() => {
  server.closeAllConnections()
  server.close()
})

async function start(listener: RequestListener): Promise<Socket> {
  server = createHttpServer(listener, quick)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  socket.on('error', () => undefined)
  return socket
}

async function answerOf(socket: Socket): Promise<string> {
  let text = ''
  socket.setEncoding('utf8').on('data', (piece: string) => (text += piece))
  // Not `once`, which throws what the socket says of a connection that the other side has closed.
  await new Promise((closed) => socket.once('close', closed))
  return text
}

const readBody: RequestListener = async (request, response) => {
  let size = 0
  for await (const chunk of request) size += (chunk as Buffer).byteLength
  response.end(`read ${size}`)
}

const bodyOf = (answer: string): unknown => JSON.parse(answer.slice(answer.indexOf('\r\n\r\n') + 4))

test.each([
  ['nonsense', 'nonsense\r\n\r\n', 400, 'INVALID_INPUT'],
  ['headers that do not end', 'GET / HTTP/1.1\r\nhost: x\r\n', 408, 'REQUEST_TIMEOUT'],
  ['headers without end', `GET / HTTP/1.1\r\nhost: x\r\nx: ${'x'.repeat(20_000)}`, 431, 'HEADERS_TOO_LARGE'],
  ['a body that does not come', 'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\nx', 408, 'REQUEST_TIMEOUT'],
])('%s is refused in the form of the API', async (_what, sent, status, code) => {
  const socket = await start((request, response) => void Promise.resolve(readBody(request, response)).catch(() => undefined))
  socket.write(sent)
  const answer = await answerOf(socket)
  expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
  expect(answer).toMatch(/content-type: application\/json/)
  expect(bodyOf(answer)).toMatchObject({ code, error: expect.any(String) })
})

test('a request without a Host is refused in the form of the API', async () => {
  const socket = await start(createListener(async () => new Response('unreachable')))
  socket.write('GET / HTTP/1.1\r\nconnection: close\r\n\r\n')
  const answer = await answerOf(socket)
  expect(answer).toMatch(/^HTTP\/1.1 400 /)
  expect(bodyOf(answer)).toMatchObject({ code: 'INVALID_INPUT', error: expect.stringContaining('Host') })
})

test('a body may take long as long as it flows', async () => {
  const socket = await start(readBody)
  const pieces = 30
  socket.write(`POST / HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: ${pieces * 100}\r\n\r\n`)
  let sent = 0
  // Three times the grace at ten times the least rate.
  const timer = setInterval(() => {
    socket.write('x'.repeat(100))
    if (++sent === pieces) clearInterval(timer)
  }, 10)
  expect(await answerOf(socket)).toMatch(/200 OK[^]*read 3000/)
  // Node itself would end every body after five minutes, with an empty 408.
  expect(server.requestTimeout).toBe(0)
})

test('an answer that nobody reads is given up, and its writer told', async () => {
  const ended = Promise.withResolvers<void>()
  const socket = await start((_request, response) => {
    response.once('close', () => {
      ended.resolve()
    })
    const piece = Buffer.alloc(1_000_000)
    const write = () => {
      while (!response.destroyed && response.write(piece));
      response.once('drain', write)
    }
    write()
  })
  socket.pause()
  socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n')
  await ended.promise
})

test('an answer before the body arrives at who sends it, and the rest of the body is not taken in', async () => {
  const socket = await start((_request, response) => response.writeHead(401).end('no'))
  socket.write('POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 100000000000\r\n\r\n')
  let sent = 0
  const piece = Buffer.alloc(100_000)
  const send = () => {
    while (!socket.destroyed && socket.write(piece)) sent += piece.byteLength
  }
  socket.on('drain', send)
  send()
  const answer = await answerOf(socket)
  expect(answer).toMatch(/^HTTP\/1.1 401 [^]*connection: close[^]*\r\nno\r\n/i)
  expect(sent).toBeLessThan(20_000_000)
})
