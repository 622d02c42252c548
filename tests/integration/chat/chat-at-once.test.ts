import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { AccountId } from '../../../server/platform/core/context.ts'
import { upsertMemories } from '../../../server/agents/memory/memory.queries.ts'
import { createGate, startFakeOpenAi, type FakeOpenAi } from '../../fakes/openai.ts'
import { seedAccount } from '../../helpers/seed.ts'
import { startTestServer, type Answer, type TestAccount, type TestServer } from '../../helpers/test-server.ts'

let model: FakeOpenAi
let server: TestServer
let account: TestAccount
let agentId: string

beforeAll(async () => {
  model = await startFakeOpenAi()
  server = await startTestServer({ OPENAI_COMPATIBLE_BASE_URL: model.url, DEFAULT_MODEL: 'compatible/fake-model' })
})
afterAll(async () => {
  await server.close()
  await model.close()
})
beforeEach(async () => {
  model.requests.length = 0
  ;({ account, agentId } = await seedAccount(server))
})

const post = (path: string, body: unknown): Promise<Answer> => server.call('POST', path, { key: account.key, body })
const say = (message: string, sessionId?: string) => post('/api/chat', { message, agentId, ...(sessionId ? { sessionId } : {}) })
const createSession = () => post('/api/agent', { action: 'create-session', agentId })
const times = <T>(count: number, work: (index: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, index) => work(index)))

const listMessages = async () => (await server.call('GET', `/api/chat?agentId=${agentId}`, { key: account.key })).body.messages
const listSessions = async () =>
  (await server.call('GET', `/api/agent?action=sessions&agentId=${agentId}`, { key: account.key })).body.sessions

test('messages to two sessions at once land in the sessions they were sent to', async () => {
  const sessions = [(await createSession()).body.sessionId, (await createSession()).body.sessionId]
  const answers = await times(10, (index) => say(`message ${index}`, sessions[index % 2]))
  expect(answers.map(({ status, body }) => [status, body.sessionId])).toEqual(answers.map((_, index) => [200, sessions[index % 2]]))
  const stored = await listMessages()
  expect(stored).toHaveLength(20)
  for (const { content, sessionId } of stored) expect(sessionId, content).toBe(sessions[Number(content.at(-1)) % 2])
  expect((await listSessions()).filter(({ status }: { status: string }) => status === 'active')).toHaveLength(1)
})

test('sessions that are created at once are all created, and one of them is active', async () => {
  const created = await times(6, createSession)
  expect(created.map(({ status }) => status)).toEqual(created.map(() => 200))
  const sessions = await listSessions()
  expect(sessions.map(({ id }: { id: string }) => id).sort()).toEqual(created.map(({ body }) => body.sessionId).sort())
  expect(sessions.filter(({ status }: { status: string }) => status === 'active')).toHaveLength(1)
})

test('of retries at once one asks the model, and the others are told that it is being answered', async () => {
  model.script({ kind: 'status', status: 500 })
  await say('Is anybody there?')
  const [{ id: messageId }] = await listMessages()
  const gate = createGate()
  model.script({ kind: 'hang', gate, text: 'Yes.' })
  const retries = times(3, () => post('/api/chat/retry', { messageId }))
  await model.request(1)
  await expect.poll(async () => (await listMessages())[0].state).toBe('running')
  gate.open()
  const answers = await retries
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409])
  expect(answers.find(({ status }) => status === 409)!.body).toMatchObject({ code: 'MESSAGE_NOT_RETRYABLE' })
  expect(model.requests).toHaveLength(2)
  expect(await listMessages()).toMatchObject([{ content: 'Yes.' }, { id: messageId, state: 'answered' }])
  expect(await post('/api/chat/retry', { messageId })).toMatchObject({ status: 409, body: { code: 'MESSAGE_NOT_RETRYABLE' } })
})

test('a retry that fails leaves a message that can be retried once more', async () => {
  model.script({ kind: 'status', status: 500 }, { kind: 'status', status: 500 })
  await say('Is anybody there?')
  const [{ id: messageId }] = await listMessages()
  expect((await post('/api/chat/retry', { messageId })).status).toBe(502)
  const answers = await times(3, () => post('/api/chat/retry', { messageId }))
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409])
})

test('the same keys in two orders at once are all stored', async () => {
  const keys = Array.from({ length: 30 }, (_, index) => `key${index}`)
  const answers = await times(20, (index) => {
    const order = index % 2 === 0 ? keys : keys.toReversed()
    return post('/api/memory', { agentId, memory: Object.fromEntries(order.map((key) => [key, index])) })
  })
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200))
})

test('keys are written in one order whatever order they come in, so that nobody has to be tried again', async () => {
  const keys = Array.from({ length: 300 }, (_, index) => `key${index}`)
  const { system } = server.platform.databases
  const write = (index: number) => {
    const order = index % 2 === 0 ? keys : keys.toReversed()
    const values = Object.fromEntries(order.map((key) => [key, index]))
    return system.transaction().execute((db) => upsertMemories(db, account.id as AccountId, agentId, values))
  }
  await expect(times(20, write)).resolves.toHaveLength(20)
})

test('a turn of a server that is dead keeps nobody waiting, and its message can be retried', async () => {
  model.script({ kind: 'status', status: 500 })
  await say('Is anybody there?')
  const [{ id: messageId }] = await listMessages()
  const { system } = server.platform.databases
  await system
    .updateTable('agentTurns')
    .set({ status: 'running', serverId: 'a server that was killed' })
    .where('messageId', '=', messageId)
    .execute()
  expect((await say('And now?')).body.reply).toBe('Echo: Is anybody there?\n\nAnd now?')
  expect((await post('/api/chat/retry', { messageId })).body.reply).toBe('Echo: Is anybody there?')
})

test('a message costs the database no more when many others wait for the same agent', async () => {
  const { databases } = server.platform
  const { forAccount } = databases
  let queries = 0
  databases.forAccount = (...viewpoint) =>
    forAccount(...viewpoint).withPlugin({
      transformQuery: ({ node }) => node,
      transformResult: async ({ result }) => {
        queries += 1
        return result
      },
    })
  await say('And how is it alone?')
  const alone = queries
  queries = 0
  const count = 60
  await times(count, (index) => say(`message ${index}`))
  databases.forAccount = forAccount
  // It is looked at twice whether it may begin, when it arrives and when it is its turn; not whenever another one ends.
  expect(queries).toBeLessThan(count * 2 * alone)
})
