import { connect, type Socket } from 'node:net'
import { once } from 'node:events'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startAttackedServer, type AttackedServer } from './attacked-server.ts'

let server: AttackedServer

beforeAll(async () => {
  server = await startAttackedServer()
})

afterAll(() => server.close())

test('five hundred connections that say nothing keep nobody else from being served', async () => {
  const { port } = new URL(server.url)
  await server.underWatch({ maxGrowthMb: 80 }, async () => {
    const sockets: Socket[] = []
    for (let count = 0; count < 500; count++) {
      const socket = connect(Number(port), '127.0.0.1')
      await once(socket, 'connect')
      socket.on('error', () => undefined)
      socket.write('POST /api/chat HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1000\r\n')
      sockets.push(socket)
    }
    const { status } = await server.call('GET', '/api/version')
    expect(status).toBe(200)
    for (const socket of sockets) socket.destroy()
  })
})
