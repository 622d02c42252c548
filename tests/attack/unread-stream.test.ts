import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startAttackedServer, type AttackedServer } from './attacked-server.ts'

/** What the model would say, if it was let; far more than any buffer on the way, and than is taken of one answer. */
const MAX_PIECES = 5_000
const PIECE_BYTES = 60_000

const eventOf = (content: string): string => {
  const choices = [{ index: 0, delta: { content }, finish_reason: null }]
  return `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices })}\n\n`
}
/** What is said of an agent's answer has a limit, which long words would reach before any buffer is full. */
const letters = eventOf('x').repeat(PIECE_BYTES / 200)
const words = eventOf('x'.repeat(PIECE_BYTES))

let piece: string
let end = Promise.withResolvers<'held up' | 'cut off' | 'said it all'>()
/** A model that talks as fast as it is read. */
const model = createServer((request, response) => {
  if (request.method === 'GET') return void response.setHeader('content-type', 'application/json').end('{"object":"list","data":[]}')
  request.resume()
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  const { resolve } = end
  let sent = 0
  const talk = () => {
    while (sent < MAX_PIECES && response.write(piece)) sent += 1
    if (sent >= MAX_PIECES) return resolve('said it all')
    // Nobody has read for a second.
    const timer = setTimeout(() => resolve('held up'), 1000)
    response.once('drain', () => {
      clearTimeout(timer)
      talk()
    })
  }
  response.once('close', () => resolve('cut off'))
  talk()
})

let server: AttackedServer
beforeAll(async () => {
  model.listen(0, '127.0.0.1')
  await once(model, 'listening')
  const url = `http://127.0.0.1:${(model.address() as AddressInfo).port}/v1`
  server = await startAttackedServer({ OPENAI_COMPATIBLE_BASE_URL: url, DEFAULT_MODEL: 'compatible/m' })
})
afterAll(async () => {
  model.closeAllConnections()
  model.close()
  await server.close()
})

test.each([
  ['/api/ai/chat', { model: 'compatible/m', messages: [{ role: 'user', content: 'Go' }] }, words],
  ['/api/chat', { message: 'Go' }, letters],
  ['/v1/chat/completions', { model: 'compatible/m', stream: true, messages: [{ role: 'user', content: 'Go' }] }, words],
])('a reader who does not read holds up the model, not the memory: %s', async (path, body, said) => {
  piece = said
  end = Promise.withResolvers()
  const { key } = await server.createAccount()
  await server.call('POST', '/api/agents/provision', { key, body: { name: 'Talker' } })
  await server.underWatch({ maxGrowthMb: 150 }, async () => {
    const text = JSON.stringify(body)
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1')
    socket.pause()
    socket.on('error', () => undefined)
    socket.write(
      `POST ${path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${key}\r\naccept: text/event-stream\r\ncontent-type: application/json\r\ncontent-length: ${text.length}\r\n\r\n${text}`,
    )
    expect(await end.promise).toBe('held up')
    socket.destroy()
  })
})
