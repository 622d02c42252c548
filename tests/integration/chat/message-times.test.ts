import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { newId, newIdAfter } from '../../../server/platform/core/ids.ts'
import { seedAccount } from '../../helpers/seed.ts'
import { startTestServer, type TestAccount, type TestServer } from '../../helpers/test-server.ts'

let server: TestServer
let account: TestAccount
let agentId: string
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.close())
beforeEach(async () => {
  ;({ account, agentId } = await seedAccount(server))
})

interface Listed {
  id: string
  content: string
  timestamp: string
  replyTo: string | null
}

const say = (message: string) => server.call('POST', '/api/chat', { key: account.key, body: { message, agentId } })
/** Oldest first. */
const history = async (): Promise<Listed[]> =>
  (await server.call('GET', `/api/chat?agentId=${agentId}&limit=100`, { key: account.key })).body.messages.reverse()

async function expectInOrder(said: string[]): Promise<void> {
  const messages = await history()
  const times = messages.map(({ timestamp }) => Date.parse(timestamp))
  expect(times).toEqual(times.toSorted((a, b) => a - b))
  expect(messages.filter(({ replyTo }) => replyTo === null).map(({ content }) => content)).toEqual(said)
  for (const { replyTo, timestamp } of messages) {
    const asked = messages.find(({ id }) => id === replyTo)
    if (asked) expect(timestamp >= asked.timestamp).toBe(true)
  }
}

/** One message by a server whose clock is off by so long. */
async function sayAtAnotherTime(message: string, offMs: number): Promise<void> {
  const now = Date.now.bind(Date)
  const clock = vi.spyOn(Date, 'now').mockImplementation(() => now() + offMs)
  await say(message)
  clock.mockRestore()
}

const HOUR_MS = 3_600_000

test('messages stay in their order when a server whose clock is ahead, or behind, took some of them', async () => {
  await say('one')
  await sayAtAnotherTime('two', 60_000)
  await say('three')
  await sayAtAnotherTime('four', -60_000)
  await say('five')
  await expectInOrder(['one', 'two', 'three', 'four', 'five'])
})

test('no message is older than the one before it, also when the clock of the database was set back', async () => {
  await say('one')
  const ahead = new Date(Date.now() + HOUR_MS).toISOString()
  await server.platform.databases.system.updateTable('messages').set({ createdAt: ahead }).where('agentId', '=', agentId).execute()
  await say('two')
  await expectInOrder(['one', 'two'])
})

test('messages at the same moment have the times of the order they are in', async () => {
  await Promise.all(Array.from({ length: 20 }, (_, index) => say(`message ${index}`)))
  const said = (await history()).filter(({ replyTo }) => replyTo === null).map(({ content }) => content)
  expect(said.toSorted()).toEqual(Array.from({ length: 20 }, (_, index) => `message ${index}`).toSorted())
  await expectInOrder(said)
})

test('an id sorts behind the one it comes after, whatever the clocks say', () => {
  const last = newId('message')
  const [first, ...ids] = Array.from({ length: 100 }).reduce<string[]>((all) => [...all, newIdAfter('message', all.at(-1))], [last])
  expect(first).toBe(last)
  expect([last, ...ids]).toEqual([last, ...ids].toSorted())
  expect(newIdAfter('message', undefined)).toMatch(/^msg_[0-7][0-9a-z]{25}$/)
  vi.spyOn(Date, 'now').mockReturnValue(0)
  expect(newIdAfter('message', last) > last).toBe(true)
})
