import { afterAll, beforeAll, expect, test } from 'vitest'
import { startAttackedServer, type AttackedServer } from './attacked-server.ts'

let server: AttackedServer

beforeAll(async () => {
  server = await startAttackedServer({ RATE_LIMIT_SCALE: '100' })
})

afterAll(() => server.close())

test('four hundred messages to one agent at once are all answered, and keep nobody else from being served', async () => {
  const { key } = await server.createAccount()
  await server.call('POST', '/api/agents/provision', { key, body: { name: 'Clerk' } })
  await server.underWatch({ maxGrowthMb: 200 }, async () => {
    const messages = Array.from({ length: 400 }, (_, index) => `calculate ${index} + 1`)
    const answers = await Promise.all(messages.map((message) => server.call('POST', '/api/chat', { key, body: { message } })))
    expect(answers.map(({ status }) => status)).toEqual(messages.map(() => 200))
  })
})
