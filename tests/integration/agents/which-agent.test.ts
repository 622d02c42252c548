import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startTestServer, type TestAccount, type TestServer } from '../../helpers/test-server.ts'

// Which agent is meant where none is named: whatever is asked, it is the same one.

let server: TestServer
let account: TestAccount
let older: string
let newer: string
beforeAll(async () => {
  server = await startTestServer({ DEFAULT_MODEL: 'local/commands' })
})
afterAll(() => server.close())

beforeEach(async () => {
  account = await server.createAccount()
  older = await provision('Older')
  newer = await provision('Newer')
})

const provision = async (name: string): Promise<string> =>
  (await server.call('POST', '/api/agents/provision', { key: account.key, body: { name } })).body.agent.id
const ask = async (query: string) => server.call('GET', `/api/agent?${query}`, { key: account.key })
const act = async (body: object) => server.call('POST', '/api/agent', { key: account.key, body })
const stop = (agentId: string) => server.trpc({ key: account.key }).agents.stop.mutate({ agentId })
const agentOf = async (sessionId: string) =>
  (
    await server.platform.databases.system
      .selectFrom('conversationSessions')
      .where('id', '=', sessionId)
      .select('agentId')
      .executeTakeFirstOrThrow()
  ).agentId

/** The agent every action of `/api/agent` reaches; fails when they disagree. */
async function reached(): Promise<string> {
  const created = (await act({ action: 'create-session' })).body.sessionId
  const talked = (await act({ message: 'calculate 6 * 7' })).body.sessionId
  expect(talked).toBe(created)
  expect((await ask('action=sessions')).body.sessions.map(({ id }: { id: string }) => id)).toContain(created)
  expect((await ask('action=memory')).body.memory).toHaveLength(2)
  const agentId = await agentOf(created)
  const status = agentId === older || agentId === newer ? 'running' : 'unknown'
  expect((await ask('action=health')).body.status).toBe(status)
  return agentId
}

describe('the agent that is meant where none is named', () => {
  test('is the oldest one while that runs', async () => {
    expect(await reached()).toBe(older)
  })

  test('is the next one once the oldest is stopped, for every action', async () => {
    await stop(older)
    expect(await reached()).toBe(newer)
  })

  test('is the oldest one again when none runs', async () => {
    await stop(older)
    await stop(newer)
    const { sessionId } = (await act({ action: 'create-session' })).body
    expect(await agentOf(sessionId)).toBe(older)
    expect(await act({ message: 'help' })).toMatchObject({ status: 404, body: { code: 'AGENT_NOT_FOUND' } })
  })
})

describe('a session is found by its id', () => {
  test('whichever agent it is with', async () => {
    const { sessionId } = (await act({ action: 'create-session', agentId: newer })).body
    expect((await ask(`action=session&sessionId=${sessionId}`)).body.session.id).toBe(sessionId)
    expect((await act({ message: 'help', sessionId })).body.sessionId).toBe(sessionId)
    expect((await ask(`action=session&sessionId=${sessionId}`)).body.session.messages).toHaveLength(2)
  })

  test('but not with an agent that is named and has no such session, nor by somebody else', async () => {
    const { sessionId } = (await act({ action: 'create-session', agentId: newer })).body
    expect(await act({ message: 'help', sessionId, agentId: older })).toMatchObject({ status: 404, body: { code: 'SESSION_NOT_FOUND' } })
    const { key } = await server.createAccount()
    const answer = await server.call('GET', `/api/agent?action=session&sessionId=${sessionId}`, { key })
    expect(answer).toMatchObject({ status: 404, body: { code: 'SESSION_NOT_FOUND' } })
  })
})
