import { afterAll, beforeAll, expect, test } from 'vitest'
import { startAttackedServer, type AttackedServer } from './attacked-server.ts'

let server: AttackedServer

beforeAll(async () => {
  server = await startAttackedServer({ RATE_LIMIT_SCALE: '100' })
})

afterAll(() => server.close())

test('four hundred messages of forty callers to one agent are all answered, and keep nobody else from being served', async () => {
  const { key } = await server.createAccount()
  await server.call('POST', '/api/agents/provision', { key, body: { name: 'Clerk' } })
  await server.underWatch({ maxGrowthMb: 200 }, async () => {
    const talk = async (caller: number) => {
      for (let count = 0; count < 10; count++) {
        const { status } = await server.call('POST', '/api/chat', { key, body: { message: `calculate ${caller} + ${count}` } })
        expect(status).toBe(200)
      }
    }
    await Promise.all(Array.from({ length: 40 }, (_, caller) => talk(caller)))
  })
})
