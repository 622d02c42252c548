import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestServer, type TestServer } from '../../helpers/test-server.ts'

let server: TestServer
beforeAll(async () => void (server = await startTestServer()))
afterAll(() => server.close())

test('somebody new registers, provisions an agent and talks to it over REST', async () => {
  const registered = await server.call('POST', '/api/register', { body: { email: 'ada@example.org', password: 'correct horse' } })
  expect(registered).toMatchObject({ status: 200, body: { email: 'ada@example.org', name: 'ada@example.org' } })
  const signedIn = await server.call('POST', '/api/auth/login', { body: { email: 'ADA@example.org', password: 'correct horse' } })
  expect(signedIn.body).toEqual({ ok: true, user: { id: registered.body.id, name: 'ada@example.org' } })
  const cookie = signedIn.headers.get('set-cookie')!
  expect(cookie).toMatch(/^agentbot-session=[^;]+;.*HttpOnly.*SameSite=Lax/i)
  const { key } = (await server.call('POST', '/api/keys', { cookie: cookie.split(';')[0]!, body: { name: 'curl' } })).body
  const { agent } = (await server.call('POST', '/api/agents/provision', { key, body: { name: 'Night Clerk' } })).body
  expect(agent).toMatchObject({ name: 'Night Clerk', status: 'running', model: 'local/commands', websocketUrl: null })
  expect(agent.id).toMatch(/^night-clerk-[a-z0-9]{10}$/)

  await server.call('POST', '/api/chat', { key, body: { message: 'remember my name is Ada', agentId: agent.id } })
  const answer = await server.call('POST', '/api/chat', { key, body: { message: 'what is my name?' } })
  expect(answer).toMatchObject({ status: 200, body: { message: 'what is my name?', status: 'sent', topic: null, agentId: agent.id } })
  expect(answer.body.reply).toContain('Ada')

  const memory = await server.call('GET', `/api/memory?agentId=${agent.id}`, { key })
  expect(Object.values(memory.body.memory)).toEqual(['Ada'])
  const history = await server.call('GET', '/api/chat', { key })
  expect(history.body.count).toBe(4)
  expect(history.body.messages[0]).toMatchObject({ id: answer.body.replyId, sender: 'agent', content: answer.body.reply, platform: 'api' })
})

test('the same account sees the same things through tRPC and GraphQL', async () => {
  const account = await server.createAccount()
  const trpc = server.trpc(account)
  const agent = await trpc.agents.provision.mutate({ name: 'Harbour Desk' })
  const words: string[] = []
  await new Promise<void>((onComplete, onError) =>
    trpc.chat.stream.subscribe(
      { message: 'remember tone = brief', agentId: agent.id },
      { onData: ({ data }) => data.type === 'delta' && words.push(data.text), onComplete, onError },
    ),
  )
  const { body } = await server.graphql(
    '{ me { id agents(first: 20) { edges { node { id name status messages(first: 5) { edges { node { content sender } } } } } } } memory { memory } }',
    {},
    account,
  )
  expect(body.errors).toBeUndefined()
  expect(body.data.me).toMatchObject({
    id: account.id,
    agents: { edges: [{ node: { id: agent.id, name: 'Harbour Desk', status: 'running' } }] },
  })
  expect(body.data.me.agents.edges[0].node.messages.edges).toEqual([
    { node: { content: words.join(''), sender: 'agent' } },
    { node: { content: 'remember tone = brief', sender: 'user' } },
  ])
  expect(body.data.memory.memory).toEqual({ tone: 'brief' })
})
