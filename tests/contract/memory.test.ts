import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestServer, type TestAccount, type TestServer } from '../helpers/test-server.ts'
import { expectContract } from './contract.ts'

let server: TestServer
let account: TestAccount
let agentId: string
beforeAll(async () => void (server = await startTestServer()))
beforeAll(async () => {
  account = await server.createAccount()
  agentId = await createAgent('Night Clerk')
})
afterAll(() => server.close())

const createAgent = async (name: string): Promise<string> =>
  (await server.call('POST', '/api/agents/provision', { key: account.key, body: { name } })).body.agent.id

const store = async (body: Record<string, unknown>) => {
  const answer = await server.call('POST', '/api/memory', { key: account.key, body: { agentId, ...body } })
  expectContract('storeMemory', answer)
  return answer
}

const read = async (of?: string) => {
  const answer = await server.call('GET', of === undefined ? '/api/memory' : `/api/memory?agentId=${of}`, account)
  expectContract('getMemory', answer)
  return answer.body
}

test('one value of any kind comes back as it was stored', async () => {
  for (const memory of ['text', '', 0, false, null, [], {}, { deep: { snake_case: [null, 'ü'] } }]) {
    const stored = await store({ key: 'value', memory })
    expect(stored.body).toMatchObject({ success: true, agentId, key: 'value' })
    const { memory: all, lastUpdated } = await read(agentId)
    expect(all.value).toEqual(memory)
    expect(lastUpdated).toBe(stored.body.saved)
  }
})

test('several values are stored at once; others stay', async () => {
  const id = await createAgent('Day Clerk')
  await store({ agentId: id, memory: { tone: 'brief', berths: { free: 3 } } })
  const stored = await store({ agentId: id, memory: { tone: 'long', extra: 1 } })
  expect(stored.body).toMatchObject({ keysUpdated: 2 })
  expect(await read(id)).toMatchObject({ agentId: id, count: 3, memory: { tone: 'long', berths: { free: 3 }, extra: 1 } })
})

test('without an agent, or for all, the memory of every agent is given', async () => {
  const id = await createAgent('Porter')
  await store({ agentId: id, key: 'of the porter', memory: 1 })
  for (const body of [await read(), await read('all')]) {
    expect(body.agentId).toBeNull()
    expect(body.memory['of the porter']).toBe(1)
    expect(body.count).toBe(Object.keys(body.memory).length)
  }
})

test('a value of 100,000 bytes once serialised is stored, and one of a byte more is refused', async () => {
  const ofBytes = (bytes: number) => 'ü'.repeat((bytes - 2) / 2)
  expect((await store({ key: 'large', memory: ofBytes(100_000) })).status).toBe(200)
  const over = await store({ key: 'large', memory: `${ofBytes(100_000)}x` })
  expect(over).toMatchObject({
    status: 400,
    body: { fields: [{ field: 'memory', message: expect.stringContaining('100000 bytes') }] },
  })
  const inMap = await store({ memory: { small: 1, large: `${ofBytes(100_000)}x` } })
  expect(inMap).toMatchObject({ status: 400, body: { fields: [{ field: 'memory.large' }] } })
})

test('50 keys are stored at once, and 51 are refused', async () => {
  const keys = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`key${index}`, index]))
  expect((await store({ memory: keys(50) })).body).toMatchObject({ keysUpdated: 50 })
  expect(await store({ memory: keys(51) })).toMatchObject({
    status: 400,
    body: { fields: [{ field: 'memory', message: expect.stringContaining('50') }] },
  })
  expect(await store({ memory: {} })).toMatchObject({ status: 400, body: { fields: [{ field: 'memory' }] } })
})

test('a key has at most 255 characters', async () => {
  expect((await store({ key: 'k'.repeat(255), memory: 1 })).status).toBe(200)
  expect(await store({ key: 'k'.repeat(256), memory: 1 })).toMatchObject({ status: 400, body: { fields: [{ field: 'key' }] } })
  expect((await store({ memory: { ['k'.repeat(256)]: 1 } })).status).toBe(400)
})

test('a name that means something to JavaScript is a key like any other', async () => {
  const id = await createAgent('Clerk')
  for (const key of ['constructor', 'toString', 'hasOwnProperty'])
    expect((await store({ agentId: id, key, memory: key })).status, key).toBe(200)
  expect(Object.keys((await read(id)).memory).toSorted()).toEqual(['constructor', 'hasOwnProperty', 'toString'])
})
