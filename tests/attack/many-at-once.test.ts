import { afterAll, beforeAll, expect, test } from 'vitest'
import { startAttackedServer, type AttackedServer } from './attacked-server.ts'

let server: AttackedServer
beforeAll(async () => {
  server = await startAttackedServer({ RATE_LIMIT_SCALE: '1000' })
})
afterAll(() => server.close())

test('two hundred sign-ins at once are all answered, a few at a time', async () => {
  const { email } = await server.createAccount()
  await server.underWatch({ maxGrowthMb: 150 }, async () => {
    const tries = Array.from({ length: 200 }, () => server.call('POST', '/api/auth/login', { body: { email, password: 'a guess' } }))
    for (const { status } of await Promise.all(tries)) expect(status).toBe(401)
  })
})

test('a thousand open streams stay served, and leave nothing behind', async () => {
  const { key } = await server.createAccount()
  const headers = { authorization: `Bearer ${key}`, accept: 'text/event-stream', 'content-type': 'application/json' }
  const body = JSON.stringify({ query: 'subscription { agentEvents { __typename } }' })
  const openAll = async () => {
    const left = new AbortController()
    // A few at a time, as they would come: it is the streams that are many, not the calls of one moment.
    for (let opened = 0; opened < 1000; opened += 20) {
      const open = () => fetch(`${server.url}/graphql`, { method: 'POST', headers, body, signal: left.signal })
      for (const { status } of await Promise.all(Array.from({ length: 20 }, open))) expect(status).toBe(200)
    }
    return left
  }
  await server.underWatch({ maxGrowthMb: 300 }, async () => {
    const left = await openAll()
    // All of them are told of what happens.
    expect((await server.call('POST', '/api/agents', { key, body: { name: 'News' } })).status).toBe(201)
    left.abort()
  })
  // A second thousand finds the room the first one left.
  await server.underWatch({ maxGrowthMb: 100 }, async () => (await openAll()).abort())
})
