import { createTRPCClient, httpBatchStreamLink, httpSubscriptionLink, splitLink } from '@trpc/client'
import { EventSource } from 'eventsource'
import assert from 'node:assert/strict'
import { postingEventSource } from '../sdk/src/event-source.ts'
import { Agentbot, NotFoundError } from '../sdk/src/index.ts'
import type { AppRouter } from '../sdk/src/trpc.ts'
import { ensureBuilt } from './build.ts'
import { call, failed, note, passed, section, summary } from './demo-transcript.ts'
import { startTemporaryServer, type TemporaryServer } from './temporary-server.ts'

/**
 * `npm run demo`: does the main job from start to end against a server of its own, says what it calls
 * and what came back, and fails at the first thing that is not as it should be.
 */
const account = { email: 'mira@example.com', password: 'correct horse battery', name: 'Mira' }

ensureBuilt()
section('Server', 'a production build on a free port, with an empty embedded database')
const server = await startTemporaryServer()
try {
  await demonstrate(server)
  summary()
} catch (error) {
  failed(error)
  process.exitCode = 1
} finally {
  await server.stop()
}

async function demonstrate({ url }: TemporaryServer): Promise<void> {
  note(`ready at ${url}`)
  const capabilities = await call(url, 'GET', '/api/capabilities')
  assert.equal(capabilities.defaultModel, 'local/commands')
  passed('it answers, and without a provider agents use local/commands')

  const session = await openAccount(url)
  const apiKey = await makeKey(url, session)
  const agentId = await provision(url, apiKey)
  await chatOverRest(url, apiKey, agentId)
  await useMemory(url, apiKey, agentId)
  await askGraphql(url, apiKey, agentId)
  await callTrpc(url, apiKey, agentId)
  await useSdk(url, apiKey, agentId)
}

async function openAccount(url: string): Promise<string> {
  section('Account', 'register, then sign in')
  const registered = await call(url, 'POST', '/api/register', { body: account })
  assert.equal(registered.email, account.email)
  passed('the account exists')
  const answer = await call(url, 'POST', '/api/auth/login', { body: { email: account.email, password: account.password } })
  assert.equal(answer.ok, true)
  const session = /agentbot-session=([^;]+)/.exec(answer.cookie)?.[1]
  assert.ok(session)
  passed('signing in sets the session cookie')
  return session
}

async function makeKey(url: string, session: string): Promise<string> {
  section('API key', 'made with the session, shown once')
  const { key, keyPreview } = await call(url, 'POST', '/api/keys', { session, body: { name: 'Demo' } })
  assert.match(String(key), /^sk_/)
  const { keys } = await call(url, 'GET', '/api/keys', { session })
  assert.ok(Array.isArray(keys) && keys.length === 1 && keys[0].keyPreview === keyPreview && !JSON.stringify(keys).includes(String(key)))
  passed('it is listed by its first characters only')
  return String(key)
}

async function provision(url: string, apiKey: string): Promise<string> {
  section('Agent', 'created and started in one call')
  const body = { name: 'Harbour Desk', config: { instructions: 'Answer guests of the harbour.' } }
  const { agent } = await call<{ agent: { id: string; status: string } }>(url, 'POST', '/api/agents/provision', { apiKey, body })
  assert.equal(agent.status, 'running')
  passed('it runs')
  return agent.id
}

async function chatOverRest(url: string, apiKey: string, agentId: string): Promise<void> {
  section('Chat', 'a whole answer, then one as it is written')
  const reply = await call(url, 'POST', '/api/chat', { apiKey, body: { agentId, message: 'Remember my favourite colour is teal' } })
  assert.equal(reply.reply, 'I will remember that favourite colour is teal.')
  passed('the agent used its memory tool')

  const streamed = await call(url, 'POST', '/api/chat', {
    apiKey,
    accept: 'text/event-stream',
    body: { agentId, message: 'What is my favourite colour?' },
  })
  const names = [...streamed.text.matchAll(/^event: (.+)$/gm)].map(([, name]) => name)
  assert.deepEqual([names[0], names.includes('tool'), names.includes('delta'), names.at(-1)], ['start', true, true, 'done'])
  assert.match(streamed.text, /"reply":"favourite colour is teal\."/)
  passed(`${names.length} events arrived: ${[...new Set(names)].join(', ')}`)
}

async function useMemory(url: string, apiKey: string, agentId: string): Promise<void> {
  section('Memory', 'what the agent keeps, read and changed')
  await call(url, 'POST', '/api/memory', { apiKey, body: { agentId, key: 'berths', memory: { free: 3 } } })
  const { memory } = await call(url, 'GET', `/api/memory?agentId=${agentId}`, { apiKey })
  assert.deepEqual(memory, { 'favourite colour': 'teal', berths: { free: 3 } })
  passed('what was said in the chat and what was stored over the API are in one place')
}

async function askGraphql(url: string, apiKey: string, agentId: string): Promise<void> {
  section('GraphQL', 'agents with their newest messages, in one query')
  const query = '{ agents(first: 5) { edges { node { id name status messages(first: 1) { edges { node { sender content } } } } } } }'
  const answer = await call<GraphqlAnswer>(url, 'POST', '/graphql', { apiKey, body: { query } })
  assert.deepEqual(answer.data.agents.edges, [
    {
      node: {
        id: agentId,
        name: 'Harbour Desk',
        status: 'running',
        messages: { edges: [{ node: { sender: 'agent', content: 'favourite colour is teal.' } }] },
      },
    },
  ])
  passed('the same agent and messages as over REST')
}

interface GraphqlAnswer {
  data: { agents: { edges: unknown[] } }
}

async function callTrpc(url: string, apiKey: string, agentId: string): Promise<void> {
  section('tRPC', 'a typed client; its calls are batched')
  const headers = { authorization: `Bearer ${apiKey}` }
  const trpc = createTRPCClient<AppRouter>({
    links: [
      splitLink({
        condition: ({ type }) => type === 'subscription',
        true: httpSubscriptionLink({ url: `${url}/trpc`, EventSource, eventSourceOptions: postingEventSource(headers) }),
        false: httpBatchStreamLink({ url: `${url}/trpc`, headers }),
      }),
    ],
  })
  note('agents.list.query(), agents.stats.query({ agentId })')
  const [agents, stats] = await Promise.all([trpc.agents.list.query(), trpc.agents.stats.query({ agentId })])
  note(`${agents.length} agent; ${stats.messagesProcessed} messages processed, ${stats.wallTimeMs} ms`)
  assert.deepEqual([agents.map(({ id }) => id), stats.messagesProcessed], [[agentId], 2])
  note("chat.stream.subscribe({ agentId, message: 'Calculate 6 * 7' }, { onData, onComplete, onError })")
  let text = ''
  await new Promise<void>((onComplete, onError) =>
    trpc.chat.stream.subscribe(
      { agentId, message: 'Calculate 6 * 7' },
      { onData: ({ data }) => void (data.type === 'delta' && (text += data.text)), onComplete, onError },
    ),
  )
  note(text)
  assert.equal(text, '6 * 7 = 42')
  passed('a query, a batch and a subscription')
}

async function useSdk(url: string, apiKey: string, agentId: string): Promise<void> {
  section('SDK', 'new Agentbot({ apiKey, baseUrl })')
  const agentbot = new Agentbot({ apiKey, baseUrl: url })
  note("for await (const event of agentbot.chat.stream({ agentId, message: 'List' }))")
  let text = ''
  for await (const event of agentbot.chat.stream({ agentId, message: 'List' })) if (event.type === 'delta') text += event.text
  note(text)
  assert.equal(text, 'I remember:\n- berths is {"free":3}\n- favourite colour is teal')

  note('agentbot.agents.messages(agentId)')
  const senders: string[] = []
  for await (const { sender } of agentbot.agents.messages(agentId)) senders.push(sender)
  note(`${senders.length} messages`)
  assert.equal(senders.length, 8)

  note('agentbot.agents.delete(agentId), then .get(agentId)')
  await agentbot.agents.delete(agentId)
  const error = await agentbot.agents.get(agentId).catch((thrown: unknown) => thrown)
  assert.ok(error instanceof NotFoundError)
  note(`${error.name}: ${error.message} (${error.status} ${error.code}, ${error.requestId})`)
  passed('streams, pages and typed errors')
}
